import type { TokenCache } from "../cache/token_cache.ts";
import type { Context } from "../client/context.ts";
import { TdauthError } from "../base/errors.ts";
import { checkCallbackUrl } from "../login/callback_url.ts";
import { secureUrl } from "../base/loopback.ts";
import { checkClient } from "../oauth/client.ts";
import type { Provider } from "../providers/provider.ts";
import { returnPath } from "./return_path.ts";
import type { Logouts } from "./logouts.ts";
import type { Sessions } from "./sessions.ts";
import type { WebHandlerOptions } from "./web_options.ts";

/** The paths of a web application's routes. */
export interface WebPaths {
  /** Starts a login; `?return_to=/path` is where the user lands afterwards. */
  readonly login: string;
  /** The callback URL's path. */
  readonly callback: string;
  /** Ends the session, by POST. */
  readonly logout: string;
}

/** What the routes of one web application share. */
export interface WebApp {
  /** The settings, the provider and the app. Its cache belongs to no user. */
  readonly context: Context;
  /** The callback URL, letter for letter. */
  readonly callbackUrl: string;
  /** The application's origin. */
  readonly origin: string;
  /** The paths of the routes, as browsers see them. */
  readonly paths: WebPaths;
  /** The prefix that is removed from every path before a request comes here. */
  readonly basePath: string;
  /** Where the user lands by default. */
  readonly homePath: string;
  /** The cookies. */
  readonly sessions: Sessions;
  /** The logouts in progress. */
  readonly logouts: Logouts;
  /** How long a session lasts, in seconds. */
  readonly sessionLifetime: number;
  /** Returns the cache of one session's tokens. */
  readonly cacheFor: (session: string) => TokenCache;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
}

/** The minimum and maximum of each time, in seconds: a user needs the one to log in, and browsers keep a cookie for the other (RFC 6265bis §5.5). */
const TIMES = {
  sessionLifetime: [60, 400 * 86_400],
  loginTimeout: [60, 86_400],
} as const;

/**
 * Checks the times of a web application.
 *
 * @param times Each in seconds.
 * @throws {TdauthError} `invalid_options` when one is too short, too long or not a number.
 */
export function checkTimes(
  times: Readonly<Record<keyof typeof TIMES, number>>,
): void {
  for (const name of ["sessionLifetime", "loginTimeout"] as const) {
    const [least, most] = TIMES[name];
    const value = times[name];
    if (value >= least && value <= most) continue; // NaN is neither
    throw new TdauthError(
      "invalid_options",
      `Cannot serve the login of a web application: ${name} is ${value}`,
      { hint: `set it in seconds, from ${least} to ${most}` },
    );
  }
}

/**
 * Checks the settings of a web application.
 *
 * @param context The settings, the provider and the app.
 * @param options The application's own.
 * @returns The callback URL, the routes and the home path.
 * @throws {TdauthError} `invalid_options` when no login can work with them.
 */
export function webPlaces(
  { settings, provider, app }: Context,
  options: WebHandlerOptions,
): Pick<
  WebApp,
  "callbackUrl" | "origin" | "paths" | "basePath" | "homePath"
> {
  const { callbackUrl } = settings;
  if (callbackUrl === undefined) {
    throw bad("no callback URL is set");
  }
  // An issuer is contacted at the first login: it may be down while the application starts.
  const { known } = provider;
  if (known?.closed !== undefined) {
    throw new TdauthError(
      "invalid_options",
      `Cannot log in to ${known.name}: ${known.closed.why}`,
      { hint: known.closed.hint },
    );
  }
  if (known !== undefined) {
    checkClient(known, app);
    checkResponseMode(known);
  }
  checkCallbackUrl(callbackUrl, known);
  if (!secureUrl(callbackUrl)) {
    throw bad(`the callback URL ${callbackUrl} is not https`);
  }
  const url = new URL(callbackUrl);
  const basePath = options.basePath ?? "";
  const paths = {
    login: options.loginPath ?? `${basePath}/login`,
    callback: url.pathname,
    logout: options.logoutPath ?? `${basePath}/logout`,
  };
  const homePath = options.homePath ?? "/";
  for (const path of [paths.login, paths.logout, homePath]) {
    if (returnPath(path, url.origin) !== path) {
      throw bad(`"${path}" is not a path of ${url.origin}`);
    }
  }
  if (basePath !== "" && !/^(\/[^/?#]+)+$/.test(basePath)) {
    throw bad(`the base path "${basePath}" must look like /auth`);
  }
  for (const path of Object.values(paths)) {
    if (!path.startsWith(`${basePath}/`)) {
      throw bad(`${path} is not below the base path ${basePath}`);
    }
  }
  if (new Set(Object.values(paths)).size < 3) {
    throw bad("two of its routes have the same path");
  }
  if (leadsToRoute(homePath, { origin: url.origin, paths })) {
    throw bad(`the home path ${homePath} is one of its routes`);
  }
  return { callbackUrl, origin: url.origin, paths, basePath, homePath };
}

/**
 * Refuses a provider that posts its redirects: the cookie of a login is not sent
 * with another site's form, so that none could be told from a forged one.
 *
 * @param provider The provider.
 * @throws {TdauthError} `invalid_options` when it does.
 */
export function checkResponseMode(
  { name, responseMode }: Pick<Provider, "name" | "responseMode">,
): void {
  if (responseMode !== "form_post") return;
  throw new TdauthError(
    "invalid_options",
    `Cannot log in to ${name}: web applications accept no redirects as forms (form_post)`,
    { hint: "set responseMode to query, if the provider has it" },
  );
}

/** Whether a path is a route's: a user who returned to one would log in forever, or see an error. */
export function leadsToRoute(
  path: string,
  { origin, paths }: Pick<WebApp, "origin" | "paths">,
): boolean {
  return Object.values(paths).includes(new URL(path, origin).pathname);
}

function bad(why: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot serve the login of a web application: ${why}`,
    {
      hint:
        "set the application's callback URL as registered with the broker (https, except on this machine), and a different path for each route",
    },
  );
}
