import * as oauth from "oauth4webapi";
import type { Provider } from "../providers/provider.ts";
import { type App, clientId } from "./client.ts";
import { requestsIdentity } from "./id_token.ts";
import { nonceOf } from "./nonce.ts";

/** What starts a login. */
export interface AuthorizationRequest {
  /** The URL for the user's browser. */
  readonly url: string;
  /** What the redirect must carry. */
  readonly state: string;
  /** The PKCE verifier, if the provider supports PKCE. */
  readonly codeVerifier?: string;
}

/**
 * Makes the URL that starts a login, with a new `state` and, unless the provider
 * forbids it, a new PKCE verifier (RFC 6749 §4.1.1, RFC 7636 §4.3); both have 256
 * random bits. Servers that know no PKCE ignore it (RFC 6749 §3.1); some that
 * require it do not announce it.
 *
 * @param provider The provider.
 * @param app The app.
 * @param callbackUrl The callback URL, which is sent letter for letter.
 * @returns The URL and what belongs to it.
 */
export async function authorizationRequest(
  provider: Provider,
  app: App,
  callbackUrl: string,
): Promise<AuthorizationRequest> {
  const state = oauth.generateRandomState();
  const url = new URL(provider.authorizationEndpoint);
  const parameters: Record<string, string> = {
    ...provider.authorizationParameters,
    response_type: "code",
    ...(provider.responseMode !== undefined &&
      { response_mode: provider.responseMode }),
    client_id: clientId(provider, app.consumerKey),
    redirect_uri: callbackUrl,
    ...(provider.scope !== undefined && {
      scope: provider.scopeSeparator === "comma"
        ? provider.scope.trim().replaceAll(/[ ,]+/g, ",")
        : provider.scope,
    }),
    state,
    ...(requestsIdentity(provider) && { nonce: await nonceOf(state) }),
  };
  for (const [name, value] of Object.entries(parameters)) {
    url.searchParams.set(name, value);
  }
  if (provider.pkce === false) return { url: url.href, state };
  const codeVerifier = oauth.generateRandomCodeVerifier();
  url.searchParams.set(
    "code_challenge",
    await oauth.calculatePKCECodeChallenge(codeVerifier),
  );
  url.searchParams.set("code_challenge_method", "S256");
  return { url: url.href, state, codeVerifier };
}
