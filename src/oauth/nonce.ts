import { TdauthError } from "../base/errors.ts";
import type { Provider } from "../providers/provider.ts";
import { rawClaims } from "./id_token.ts";

/**
 * Makes the nonce of a login (OpenID Connect Core §3.1.2.1). It is a hash of its
 * state, which is random and new for each login, so that nothing more must be kept.
 *
 * @param state The state.
 * @returns The nonce, 256 bits in base64url.
 */
export async function nonceOf(state: string): Promise<string> {
  const text = new TextEncoder().encode(`nonce of ${state}`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", text));
  return btoa(String.fromCharCode(...hash))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Refuses an answer whose id_token was issued for another login. One without a
 * nonce, or one that cannot be read, ends no login: the code is bound to this one
 * by state and PKCE. {@linkcode identityIn} takes no claims from it.
 *
 * @param provider The provider.
 * @param idToken The id_token of the answer.
 * @param nonce The nonce that this login sent.
 * @throws {TdauthError} `login_failed` when its nonce is another login's.
 */
export function checkNonce(
  provider: Provider,
  idToken: string | undefined,
  nonce: string,
): void {
  const said = idToken === undefined ? undefined : rawClaims(idToken)?.nonce;
  if (said === undefined || said === nonce) return;
  throw new TdauthError(
    "login_failed",
    `Cannot log in to ${provider.name}: the nonce of its id_token is from a different login`,
    { hint: { text: "log in again:", command: ["login"] } },
  );
}
