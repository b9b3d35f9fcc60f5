import type { TokenEndpointResponse } from "oauth4webapi";
import { TdauthError } from "../base/errors.ts";
import { type NamedOrigin, originIn } from "../providers/api_origin.ts";
import type { Provider } from "../providers/provider.ts";
import type { App } from "./client.ts";
import type { ClientRecord } from "./client_attempts.ts";
import { type Identity, identityIn } from "./id_token.ts";
import { NO_LIFETIME, UNCHECKED_ID_TOKEN } from "./regular_grant.ts";
import type { ProtocolOptions } from "./request_parts.ts";

/** What the token endpoint gave, times in seconds. */
export interface Grant extends NamedOrigin, Identity {
  /** The access token. */
  readonly accessToken: string;
  /** Its lifetime, if the response states it. */
  readonly expiresIn?: number;
  /** What the response states in place of a lifetime: 0 or less. */
  readonly noLifetime?: number;
  /** The refresh token, where the answer has one. */
  readonly refreshToken?: string;
  /** Its lifetime, if the response states it; `Infinity` when it has no end. */
  readonly refreshTokenExpiresIn?: number;
  /** The granted scope, if the response states it. */
  readonly scope?: string;
  /** The id_token of the answer, of which nothing has been checked. */
  readonly idToken?: string;
  /** How the client authenticated, where there was a choice. */
  readonly client?: ClientRecord;
}

/** Returns what is used of a token endpoint's answer. */
export function toGrant(
  provider: Provider,
  answer: TokenEndpointResponse,
): Grant {
  const refreshExpiresIn = answer["refresh_token_expires_in"];
  const noLifetime = answer[NO_LIFETIME];
  const idToken = answer[UNCHECKED_ID_TOKEN];
  return {
    accessToken: answer.access_token,
    ...(answer.expires_in !== undefined && { expiresIn: answer.expires_in }),
    ...(answer.refresh_token && { refreshToken: answer.refresh_token }),
    ...(typeof refreshExpiresIn === "number" &&
      // Keycloak's 0 means that it has no end.
      { refreshTokenExpiresIn: refreshExpiresIn || Infinity }),
    ...(typeof noLifetime === "number" && { noLifetime }),
    ...(answer.scope !== undefined && { scope: answer.scope }),
    ...(typeof idToken === "string" && { idToken }),
    ...originIn(provider, answer),
  };
}

/**
 * Adds to a grant who its id_token says has logged in.
 *
 * @param provider The provider.
 * @param app The app.
 * @param grant The grant.
 * @param options The clock.
 * @param nonce The nonce that the login sent, if it sent one.
 * @returns The grant.
 */
export function identified(
  provider: Provider,
  app: App,
  grant: Grant,
  { now = Date.now }: Pick<ProtocolOptions, "now">,
  nonce?: string,
): Grant {
  const expected = {
    provider,
    app,
    now,
    ...(nonce !== undefined && { nonce }),
  };
  return { ...grant, ...identityIn(grant.idToken, expected) };
}

/**
 * Checks the grant of a login, whichever way it came.
 *
 * @param provider The provider.
 * @param grant The grant.
 * @returns The same.
 * @throws {TdauthError} `login_failed` when it has no refresh token and the provider always issues one.
 */
export function ofLogin(provider: Provider, grant: Grant): Grant {
  if (grant.refreshToken === undefined && provider.refreshTokens === "always") {
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
