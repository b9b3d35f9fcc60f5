import type {
  AccessToken,
  RefreshToken,
  Tokens,
} from "../../../token/token.ts";

/** Whether there is a refresh token; otherwise the access token is alone. */
export function hasRefreshToken({ refreshToken }: Tokens): boolean {
  return refreshToken.token !== undefined;
}

/** The token with which a login ends: the refresh token, or the access token where it is alone. */
export function lastToken(tokens: Tokens): AccessToken | RefreshToken {
  return hasRefreshToken(tokens) ? tokens.refreshToken : tokens.accessToken;
}
