import { TdauthError } from "../base/errors.ts";
import type { Provider } from "../providers/provider.ts";

/** Whether a login requests an id_token, for which some servers require a nonce. */
export function requestsIdentity({ scope = "" }: Provider): boolean {
  return scope.split(" ").includes("openid");
}

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
 * Refuses an id_token that was issued for another login. One without a nonce, or
 * one that cannot be read, says nothing: the code is bound to this login by state
 * and PKCE, and nothing is taken from the id_token here.
 *
 * @param provider The provider.
 * @param idToken The id_token of the answer.
 * @param state The state that this login sent.
 * @throws {TdauthError} `login_failed` when its nonce is another login's.
 */
export async function checkNonce(
  provider: Provider,
  idToken: string | undefined,
  state: string,
): Promise<void> {
  if (idToken === undefined || !requestsIdentity(provider)) return;
  const nonce = nonceIn(idToken);
  if (nonce === undefined || nonce === await nonceOf(state)) return;
  throw new TdauthError(
    "login_failed",
    `Cannot log in to ${provider.name}: the nonce of its id_token is from a different login`,
    { hint: { text: "log in again:", command: ["login"] } },
  );
}

/** The nonce in the payload of a JWT; undefined where there is none. */
function nonceIn(jwt: string): unknown {
  const [, payload = ""] = jwt.split(".");
  try {
    const bytes = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    const claims: unknown = JSON.parse(bytes);
    return typeof claims === "object" && claims !== null && "nonce" in claims
      ? claims.nonce
      : undefined;
  } catch {
    return undefined;
  }
}
