import * as oauth from "oauth4webapi";
import { type App, clientAuthentication, clientSecrets } from "./client.ts";
import { authenticated, ClientAttempts } from "./client_attempts.ts";
import type { AuthorizationRequest } from "./authorization_request.ts";
import { brokerError, type BrokerStep } from "./broker_error.ts";
import { requestsIdentity } from "./id_token.ts";
import { checkNonce, nonceOf } from "./nonce.ts";
import type { Provider } from "../providers/provider.ts";
import { type Grant, identified, ofLogin, toGrant } from "./grant.ts";
import { expectedIssuer } from "./issuer.ts";
import { type ProtocolOptions, requestParts } from "./request_parts.ts";

export {
  type AuthorizationRequest,
  authorizationRequest,
} from "./authorization_request.ts";
export type { ProtocolOptions };

/**
 * Exchanges the code in a redirect for tokens (RFC 6749 §4.1.3), after a look at
 * its `iss` (RFC 9207) and `error`.
 *
 * @param provider The provider.
 * @param app The app.
 * @param callbackUrl The callback URL, as it was sent.
 * @param request What started the login.
 * @param redirect The redirect's parameters, decoded once.
 * @param options The edges.
 * @returns The grant; without a refresh token where the provider need not issue one.
 * @throws {TdauthError} `login_denied`, `login_failed`, `invalid_client`,
 * `broker_unavailable` or `unexpected_answer`.
 */
export async function exchangeCode(
  provider: Provider,
  app: App,
  callbackUrl: string,
  request: Omit<AuthorizationRequest, "url">,
  redirect: URLSearchParams,
  options: ProtocolOptions,
): Promise<Grant> {
  const { as, client, edges } = requestParts(
    provider,
    app,
    options,
  );
  const grant = await attempt(provider, app, "exchange", [
    ...clientSecrets(provider, app),
    request.codeVerifier,
    redirect.get("code"),
  ], async (authentication) => {
    const parameters = oauth.validateAuthResponse(
      { ...as, issuer: expectedIssuer(provider, redirect) ?? as.issuer },
      client,
      redirect,
      request.state,
    );
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      authentication,
      parameters,
      callbackUrl,
      request.codeVerifier ?? oauth.nopkce,
      { ...edges, additionalParameters: { ...provider.exchangeParameters } },
    );
    return await oauth.processAuthorizationCodeResponse(as, client, response);
  }, options);
  if (!requestsIdentity(provider)) return ofLogin(provider, grant);
  const nonce = await nonceOf(request.state);
  checkNonce(provider, grant.idToken, nonce);
  return ofLogin(provider, identified(provider, app, grant, options, nonce));
}

/**
 * Gets a new access token with a refresh token (RFC 6749 §6).
 *
 * @param provider The provider.
 * @param app The app.
 * @param refreshToken The refresh token.
 * @param renew Whether to ask for a new refresh token as well, where the provider has a way to.
 * @param options The edges.
 * @returns The grant; without a refresh token the old one stays valid.
 * @throws {TdauthError} `login_needed`, `invalid_client`, `broker_unavailable` or `unexpected_answer`.
 */
export async function refreshGrant(
  provider: Provider,
  app: App,
  refreshToken: string,
  renew: boolean,
  options: ProtocolOptions,
): Promise<Grant> {
  const { as, client, edges } = requestParts(
    provider,
    app,
    { ...options, refreshes: true },
  );
  const grant = await attempt(
    provider,
    app,
    "refresh",
    [...clientSecrets(provider, app), refreshToken],
    async (authentication) => {
      const response = await oauth.refreshTokenGrantRequest(
        as,
        client,
        authentication,
        refreshToken,
        {
          ...edges,
          additionalParameters: {
            ...(provider.scopeAtRefresh && provider.scope !== undefined &&
              { scope: provider.scope }),
            ...provider.refreshParameters,
            ...(renew && provider.renewal?.parameters),
          },
        },
      );
      return await oauth.processRefreshTokenResponse(as, client, response);
    },
    options,
  );
  return identified(provider, app, grant, options);
}

/**
 * Revokes a token (RFC 7009), where the provider has an endpoint for it.
 *
 * @param provider The provider.
 * @param app The app.
 * @param token The token.
 * @param kind What it is, as a hint to the server.
 * @param options The edges.
 * @returns Whether it was taken; `false` where there is no endpoint, and for
 * access tokens that the server cannot revoke because APIs do not ask it about them.
 * @throws {TdauthError} `broker_unavailable`, `invalid_client` or `unexpected_answer`.
 */
export async function revokeToken(
  provider: Provider,
  app: App,
  token: string,
  kind: "refresh_token" | "access_token",
  options: ProtocolOptions,
): Promise<boolean> {
  if (provider.revocationEndpoint === undefined) return false;
  const { as, client, edges } = requestParts(
    provider,
    app,
    options,
  );
  let taken = true;
  await attempt(
    provider,
    app,
    "revocation",
    [...clientSecrets(provider, app), token],
    async (authentication) => {
      const response = await oauth.revocationRequest(
        as,
        client,
        authentication,
        token,
        {
          ...edges,
          additionalParameters: { token_type_hint: kind },
        },
      );
      try {
        await oauth.processRevocationResponse(response);
      } catch (error) {
        // RFC 7009 §2.2.1; such an access token, often a JWT, ends by itself.
        taken = false;
        if (
          kind !== "access_token" ||
          !(error instanceof oauth.ResponseBodyError) ||
          error.error !== "unsupported_token_type"
        ) throw error;
      }
      return { access_token: "", token_type: "bearer" };
    },
    options,
  );
  return taken;
}

/** Runs a request, with another client authentication where the broker rejects the client, and translates its result or error. */
async function attempt(
  provider: Provider,
  app: App,
  step: BrokerStep,
  secrets: readonly (string | null | undefined)[],
  run: (
    authentication: oauth.ClientAuth,
  ) => Promise<oauth.TokenEndpointResponse>,
  options: ProtocolOptions,
): Promise<Grant> {
  const { client: record, onRejected } = options;
  const { attempts = new ClientAttempts() } = options;
  const { value, record: client } = await authenticated(
    provider,
    app,
    { record, attempts, onRejected },
    async (way) => {
      try {
        return toGrant(provider, await run(clientAuthentication(way, app)));
      } catch (error) {
        options.signal?.throwIfAborted();
        const other = attempts.rejected.size > 0 ? way : undefined;
        throw brokerError(provider, step, error, secrets, other);
      }
    },
  );
  return { ...value, ...(client !== undefined && { client }) };
}
