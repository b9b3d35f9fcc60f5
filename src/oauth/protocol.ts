import * as oauth from "oauth4webapi";
import { type App, clientId, clientSecrets } from "./client.ts";
import { brokerError, type BrokerStep } from "./broker_error.ts";
import { TdauthError } from "../base/errors.ts";
import type { Provider } from "../providers/provider.ts";
import { type ProtocolOptions, requestParts } from "./request_parts.ts";

export type { ProtocolOptions };

/** What starts a login. */
export interface AuthorizationRequest {
  /** The URL for the user's browser. */
  readonly url: string;
  /** What the redirect must carry. */
  readonly state: string;
  /** The PKCE verifier, if the provider supports PKCE. */
  readonly codeVerifier?: string;
}

/** What the token endpoint gave, times in seconds. */
export interface Grant {
  /** The access token. */
  readonly accessToken: string;
  /** Its lifetime, if the response states it. */
  readonly expiresIn?: number;
  /** The refresh token, where the answer has one. */
  readonly refreshToken?: string;
  /** Its lifetime, if the response states it. */
  readonly refreshTokenExpiresIn?: number;
  /** The granted scope, if the response states it. */
  readonly scope?: string;
}

/**
 * Makes the URL that starts a login, with a new `state` and, where the provider
 * takes it, a new PKCE verifier (RFC 6749 §4.1.1, RFC 7636 §4.3); both have 256
 * random bits.
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
    response_type: "code",
    client_id: clientId(provider, app.consumerKey),
    redirect_uri: callbackUrl,
    ...(provider.scope !== undefined && { scope: provider.scope }),
    state,
    ...provider.authorizationParameters,
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
 * @returns The grant, which has a refresh token.
 * @throws {TdauthError} `login_denied`, `login_failed`, `invalid_client`,
 * `broker_unavailable` or `unexpected_answer`.
 */
export async function exchangeCode(
  provider: Provider,
  app: App,
  callbackUrl: string,
  request: AuthorizationRequest,
  redirect: URLSearchParams,
  options: ProtocolOptions,
): Promise<Grant> {
  const { as, client, authentication, edges } = requestParts(
    provider,
    app,
    options,
  );
  const grant = await attempt(provider, "exchange", [
    ...clientSecrets(provider, app),
    request.codeVerifier,
    redirect.get("code"),
  ], async () => {
    const parameters = oauth.validateAuthResponse(
      // Without a known issuer there is nothing that `iss` could differ from.
      { ...as, issuer: provider.issuer ?? redirect.get("iss") ?? as.issuer },
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
  }, options.signal);
  return ofLogin(provider, grant);
}

/**
 * Checks the grant of a login, whichever way it came.
 *
 * @param provider The provider.
 * @param grant The grant.
 * @returns The same.
 * @throws {TdauthError} `login_failed` when it has no refresh token.
 */
export function ofLogin(provider: Provider, grant: Grant): Grant {
  if (grant.refreshToken === undefined) {
    throw new TdauthError(
      "login_failed",
      `Cannot log in to ${provider.name}: it returned no refresh token, so access would end when the access token expires`,
      {
        hint: provider.troubleHint ??
          "request a scope that includes it, often offline_access (TD_SCOPE)",
      },
    );
  }
  return grant;
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
export function refreshGrant(
  provider: Provider,
  app: App,
  refreshToken: string,
  renew: boolean,
  options: ProtocolOptions,
): Promise<Grant> {
  const { as, client, authentication, edges } = requestParts(
    provider,
    app,
    { ...options, refreshes: true },
  );
  return attempt(
    provider,
    "refresh",
    [...clientSecrets(provider, app), refreshToken],
    async () => {
      const response = await oauth.refreshTokenGrantRequest(
        as,
        client,
        authentication,
        refreshToken,
        {
          ...edges,
          additionalParameters: renew
            ? { ...provider.renewal?.parameters }
            : {},
        },
      );
      return await oauth.processRefreshTokenResponse(as, client, response);
    },
    options.signal,
  );
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
  const { as, client, authentication, edges } = requestParts(
    provider,
    app,
    options,
  );
  let taken = true;
  await attempt(
    provider,
    "revocation",
    [...clientSecrets(provider, app), token],
    async () => {
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
    options.signal,
  );
  return taken;
}

/** Runs one request and translates its result or error. */
async function attempt(
  provider: Provider,
  step: BrokerStep,
  secrets: readonly (string | null | undefined)[],
  run: () => Promise<oauth.TokenEndpointResponse>,
  signal: AbortSignal | undefined,
): Promise<Grant> {
  try {
    return toGrant(await run());
  } catch (error) {
    signal?.throwIfAborted();
    throw brokerError(provider, step, error, secrets);
  }
}

/** Returns what is used of a token endpoint's answer. */
export function toGrant(answer: oauth.TokenEndpointResponse): Grant {
  const refreshExpiresIn = answer["refresh_token_expires_in"];
  return {
    accessToken: answer.access_token,
    ...(answer.expires_in !== undefined && { expiresIn: answer.expires_in }),
    ...(answer.refresh_token && { refreshToken: answer.refresh_token }),
    ...(typeof refreshExpiresIn === "number" &&
      { refreshTokenExpiresIn: refreshExpiresIn }),
    ...(answer.scope !== undefined && { scope: answer.scope }),
  };
}
