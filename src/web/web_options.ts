import type { AuthorizeOptions } from "../client/authorize_options.ts";
import type { TokenCache } from "../cache/token_cache.ts";

/**
 * Options of {@linkcode createWebHandler}. For those that scripts share, see
 * {@linkcode AuthorizeOptions}; `callbackUrl` is the address of the
 * application's callback route, as registered with the broker: its path is the
 * route, and its origin is the application's.
 */
export interface WebHandlerOptions extends
  // The omitted options are about one user's login on this machine; a new setting is included.
  Omit<
    AuthorizeOptions,
    | "storeTokens"
    | "certFile"
    | "keyFile"
    | "cache"
    | "interactive"
    | "loginTimeout"
    | "device"
    | "openUrl"
    | "pastedUrls"
    | "onEvent"
    | "signal"
  > {
  /**
   * Secrets that protect the cookies, each at least 32 random characters. The
   * first one encrypts, all decrypt. To rotate, put a new one behind the old one;
   * when every process has it, move it to the front; and remove the old one
   * when the sessions that it protects have ended.
   */
  readonly cookieKeys: readonly string[];
  /**
   * Returns the cache of one session's tokens; the same name must return the
   * same store, in every process that serves the application.
   * @default {in the memory of this process}
   */
  readonly cacheFor?: (session: string) => TokenCache;
  /**
   * The prefix that a router or a proxy removes from every path, such as
   * `/auth` for Hono's `app.mount("/auth", web)`. All other
   * paths, the callback URL's included, are those that browsers see, with it.
   * @default {"", nothing}
   */
  readonly basePath?: string;
  /** The path that starts a login. @default {"/login", below `basePath`} */
  readonly loginPath?: string;
  /** The path that ends a session, by POST. @default {"/logout", below `basePath`} */
  readonly logoutPath?: string;
  /** Where the user lands after a login without `return_to`, and after a logout. @default {"/"} */
  readonly homePath?: string;
  /**
   * How long a session lasts, in seconds, from a minute to 400 days. The user
   * must log in earlier when the refresh token no longer works; no store keeps
   * one for longer.
   * @default {7776000, 90 days}
   */
  readonly sessionLifetime?: number;
  /** How long the user has for a login, in seconds, from a minute to a day. @default {600} */
  readonly loginTimeout?: number;
  /**
   * More values of the `Host` header that are this application's, for a proxy
   * that changes it.
   * @default {only the callback URL's}
   */
  readonly hosts?: readonly string[];
}
