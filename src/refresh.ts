import type { App } from "./protocol/client.ts";
import type { TokenCache } from "./cache/token_cache.ts";
import { TdauthError } from "./errors.ts";
import { type ProtocolOptions, refreshGrant } from "./protocol/protocol.ts";
import { tokensFromGrant } from "./protocol/tokens_from_grant.ts";
import type { Provider } from "./provider.ts";
import { issuedBy, type Tokens } from "./token.ts";

/** What a refresh works with. */
export interface RefreshOptions extends ProtocolOptions {
  /** Where the tokens are. */
  readonly cache: TokenCache;
  /** The provider; asked for only when a request must be sent. */
  readonly provider: () => Promise<Provider>;
  /** Its id: tokens of another are left alone. */
  readonly providerId: string;
  /** The app. */
  readonly app: App;
  /**
   * Whether tokens that someone else stored meanwhile will do. They are looked
   * at first, so that of all who wait for the same refresh one alone sends it.
   */
  readonly enough: (tokens: Tokens) => boolean;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Gets a new access token with the refresh token in the cache, once for all who
 * wait for it, and stores it before anything else happens.
 *
 * @param options The cache, the provider, the app and the edges.
 * @returns The tokens now in the cache.
 * @throws {TdauthError} `login_needed` when there is no refresh token or the
 * broker does not take it any more; else as the request's.
 */
export function refresh(options: RefreshOptions): Promise<Tokens> {
  const { cache, signal } = options;
  return cache.exclusive("refresh", async () => {
    const before = await cache.load();
    if (!issuedBy(before, options.providerId)) {
      throw loginNeeded("the stored tokens are of another provider");
    }
    if (options.enough(before)) return before;
    const { refreshToken } = before;
    if (refreshToken.token === undefined) {
      throw loginNeeded("there are no stored tokens");
    }
    if (!refreshToken.valid) {
      throw loginNeeded("the refresh token has expired");
    }
    const provider = await options.provider();
    const now = options.now ?? Date.now;
    const renew = provider.renewal !== undefined &&
      refreshToken.remaining < provider.renewal.within;
    const askedAt = now();
    try {
      const grant = await refreshGrant(
        provider,
        options.app,
        refreshToken.token,
        renew,
        options,
      );
      const after = tokensFromGrant(provider, grant, {
        askedAt,
        consumerKey: options.app.consumerKey,
        previous: before,
        now,
      });
      await cache.save(after);
      return after;
    } catch (error) {
      if (!(error instanceof TdauthError) || error.code !== "login_needed") {
        throw error;
      }
      // Someone who does not take our lock may have stored newer tokens while the request was under way.
      const meanwhile = await cache.load();
      const newer = meanwhile.refreshToken.token !== refreshToken.token;
      if (newer && meanwhile.accessToken.valid) return meanwhile;
      throw error;
    }
  }, signal === undefined ? {} : { signal });
}

/** The error of a script that has no way on but a login. */
export function loginNeeded(why: string): TdauthError {
  return new TdauthError("login_needed", `Cannot get an access token: ${why}`, {
    hint: "log in: tdauth login",
  });
}
