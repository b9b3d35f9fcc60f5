import type { AuthorizeOptions } from "../client/authorize_options.ts";
import type { TokenCache } from "../cache/token_cache.ts";

/**
 * What {@linkcode createWebHandler} takes. Of the options that scripts have, too,
 * see {@linkcode AuthorizeOptions}; `callbackUrl` is the address of the
 * application's callback route, as registered with the broker: its path is the
 * route, and its origin is the application's.
 */
export interface WebHandlerOptions extends
  // What is left out is about one user's login on this machine; a new setting is taken.
  Omit<
    AuthorizeOptions,
    | "storeTokens"
    | "certFile"
    | "keyFile"
    | "cache"
    | "interactive"
    | "loginTimeout"
    | "openUrl"
    | "pastedUrls"
    | "onEvent"
    | "signal"
  > {
  /**
   * Secrets that protect the cookies, each at least 32 random characters. The
   * first one encrypts, all decrypt. To rotate, put a new one behind the old one;
   * when every process has it, in front; and take the old one away when the
   * sessions that it protects are over.
   */
  readonly cookieKeys: readonly string[];
  /**
   * Gives the cache of one session's tokens; the same name must give the same
   * store, in every process that serves the application.
   * @default {in the memory of this process alone}
   */
  readonly cacheFor?: (session: string) => TokenCache;
  /**
   * What a router or a proxy takes off the front of every path before a request
   * comes here, such as `/auth` for Hono's `app.mount("/auth", web)`. All other
   * paths, the callback URL's included, are those that browsers see, with it.
   * @default {"", nothing}
   */
  readonly basePath?: string;
  /** The path that starts a login. @default {"/login", below `basePath`} */
  readonly loginPath?: string;
  /** The path that ends a session, by POST. @default {"/logout", below `basePath`} */
  readonly logoutPath?: string;
  /** Where the user goes after a login that says nothing else, and after a logout. @default {"/"} */
  readonly homePath?: string;
  /**
   * How long a session lasts, in seconds, from a minute to 400 days. The user
   * must log in earlier when no refresh token works any more; later than this no
   * store keeps one.
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
