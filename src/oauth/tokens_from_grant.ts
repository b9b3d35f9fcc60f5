import type { Log } from "../base/log.ts";
import { refusedOriginText } from "../providers/api_origin.ts";
import type { Provider } from "../providers/provider.ts";
import { LONGEST_LIFETIME as LONGEST } from "../token/held_token.ts";
import { AccessToken, RefreshToken, type Tokens } from "../token/token.ts";
import type { Grant } from "./grant.ts";

/** No access token lives longer, in seconds: a year. */
const LONGEST_LIFETIME = 31_557_600;

/** Logs what is odd about a grant. */
function logGrant(
  provider: Provider,
  { noLifetime, refusedApiOrigin, identityProblem }: Grant,
  { log, previous }: GrantContext,
): void {
  if (noLifetime !== undefined) {
    log(
      "info",
      `${provider.name} states a lifetime of ${noLifetime} seconds for the access token; it is used until it is refused`,
    );
  }
  // At a login: each refresh would say the same.
  if (identityProblem !== undefined && previous === undefined) {
    log(
      "warning",
      `who has logged in is not known, for the id_token of ${provider.name} is not taken: ${identityProblem}`,
    );
  }
  // Not thrown: the refresh token of the same answer may be the only one.
  if (refusedApiOrigin !== undefined) {
    log("error", refusedOriginText(provider, refusedApiOrigin));
  }
}

/** When and for whom a grant was requested. */
export interface GrantContext {
  /** When the request was sent, in milliseconds since the epoch: a token is not younger than that. */
  readonly askedAt: number;
  /** The consumer key, as the user gave it. */
  readonly consumerKey: string;
  /** The tokens that were refreshed; absent after a login. */
  readonly previous?: Tokens;
  /** The clock of the new tokens. */
  readonly now: () => number;
  /** Hears of what is odd about the grant. It is mandatory: no caller may keep a refused API to itself. */
  readonly log: Log;
}

/**
 * Makes tokens of a grant, with the lifetimes that the answer states, else those
 * of the provider. An access token of unknown lifetime is used until it
 * is refused. A refresh without a refresh token keeps the old one; one with
 * it replaces it; the time of the login stays what it was. What is odd about the
 * grant is logged.
 *
 * @param provider The provider.
 * @param grant What the token endpoint gave.
 * @param context When and for whom.
 * @returns The tokens to store.
 */
export function tokensFromGrant(
  provider: Provider,
  grant: Grant,
  context: GrantContext,
): Tokens {
  const { now } = context;
  logGrant(provider, grant, context);
  const askedAt = Math.floor(context.askedAt / 1000);
  const previous = context.previous;
  const loginTime = previous === undefined ? askedAt : previous.loginTime;
  const scope = grant.scope ?? previous?.scope;
  const apiOrigin = grant.apiOrigin ?? previous?.apiOrigin;
  const claims = grant.claims ?? previous?.claims;
  return {
    accessToken: new AccessToken({
      token: grant.accessToken,
      accessTime: askedAt,
      expiresIn: lifetime(grant.expiresIn ?? provider.accessTokenLifetime),
    }, now),
    refreshToken: refreshToken(provider, grant, askedAt, previous, now),
    ...(loginTime !== undefined && { loginTime }),
    ...(scope !== undefined && { scope }),
    ...(apiOrigin !== undefined && { apiOrigin }),
    ...(claims !== undefined && { claims }),
    ...(previous?.pendingLogin !== undefined &&
      { pendingLogin: previous.pendingLogin }),
    ...(grant.client !== undefined && { client: grant.client }),
    provider: provider.id,
    consumerKey: context.consumerKey,
  };
}

/** A stated lifetime has a limit; an unknown one has no end. */
function lifetime(stated: number | undefined): number {
  return stated === undefined ? Infinity : Math.min(stated, LONGEST_LIFETIME);
}

function refreshToken(
  provider: Provider,
  grant: Grant,
  askedAt: number,
  previous: Tokens | undefined,
  now: () => number,
): RefreshToken {
  const old = previous?.refreshToken;
  const token = grant.refreshToken;
  if (token === undefined) return old ?? new RefreshToken(undefined, now);
  const stated = grant.refreshTokenExpiresIn;
  if (old?.token !== undefined) {
    const sameLife = token === old.token && stated === undefined;
    if (sameLife || provider.refreshTokenLifetimeFrom === "login") {
      return new RefreshToken({
        token,
        accessTime: old.accessTime,
        expiresIn: old.expiresIn,
      }, now);
    }
  }
  const life = stated ?? provider.refreshTokenLifetime ?? Infinity;
  // Infinity is one that is not known; any other has an end.
  const expiresIn = life === Infinity ? life : Math.min(life, LONGEST);
  return new RefreshToken({ token, accessTime: askedAt, expiresIn }, now);
}
