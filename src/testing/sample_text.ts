import { AccessToken, hasTokens, RefreshToken } from "../token/token.ts";
import { formatTokens, parseTokens } from "../token/token_json.ts";

/** Returns the text of tokens with a distinctive name. */
export function sampleText(name: string): string {
  const token = (kind: string, expiresIn: number) => ({
    token: `${kind}-${name}`,
    accessTime: 1_700_000_000,
    expiresIn,
  });
  return formatTokens({
    accessToken: new AccessToken(token("access", 1800)),
    refreshToken: new RefreshToken(token("refresh", 604_800)),
    loginTime: 1_700_000_000,
    scope: "api",
    provider: "acme",
    consumerKey: "KEY",
  });
}

/** Whether a text contains no tokens. */
export function isEmpty(text: string): boolean {
  return !hasTokens(parseTokens(text));
}
