import type { Authorization } from "../client/authorization.ts";
import { authorizationOf, cachedTokens } from "../client/authorize.ts";
import { MemCache } from "../cache/mem_cache.ts";
import { StoredTokens, tokensUntil } from "../cache/stored_tokens.ts";
import { prepare } from "../client/context.ts";
import { TdauthError } from "../base/errors.ts";
import { refuseFollower } from "../client/keeper.ts";
import { cookieSealer } from "./cookie_keys.ts";
import { beginLogin, endLogin } from "./login_routes.ts";
import { memCaches } from "./mem_caches.ts";
import {
  hostsOf,
  isPrefetch,
  isSubresource,
  readRequest,
} from "./read_request.ts";
import { endSession } from "./logout_route.ts";
import { Logouts } from "./logouts.ts";
import { sayPlainly } from "./responses.ts";
import { Sessions } from "./sessions.ts";
import {
  checkTimes,
  type WebApp,
  type WebPaths,
  webPlaces,
} from "./web_app.ts";
import type { WebHandlerOptions } from "./web_options.ts";

/** Handles a web application's login, callback and logout routes. */
export interface WebHandler {
  /**
   * Responds to a request to one of the three routes; to any other with 404.
   *
   * @param request The request.
   * @returns The response.
   */
  (request: Request): Promise<Response>;
  /**
   * Returns the authorization of the user who sent a request, refreshed if
   * needed, once for all concurrent requests.
   *
   * @param request The request.
   * @returns The authorization; `undefined` when the user must log in: send them to `paths.login`. Also when this session's stored tokens are damaged or sealed with a missing key; the log says which.
   * @throws {TdauthError} `broker_unavailable`, `busy` or `cache_unreadable` when it exists but is temporarily unavailable;
   * `cache_sealed` when the key of all tokens is unavailable.
   */
  authorizationFor(request: Request): Promise<Authorization | undefined>;
  /** The paths of the routes, as browsers see them. */
  readonly paths: WebPaths;
}

/** How long a session lasts, in seconds: TD Ameritrade's refresh tokens lived as long. */
const SESSION_LIFETIME = 90 * 86_400;
/** How long the user has for a login, in seconds. */
const LOGIN_TIMEOUT = 600;

/**
 * Makes the login of a web application with many users: a login route that sends
 * the browser to the broker, a callback route that receives the authorization
 * code and begins a session, a logout route, and the authorization of the
 * user who sends a request. It works with everything that speaks `Request` and `Response`.
 *
 * Each login keeps its `state` and PKCE verifier in its own encrypted cookie,
 * so that no server stores anything for unfinished logins and two tabs do not
 * interfere. A session is an encrypted cookie with a random name; the
 * tokens are in a {@linkcode TokenCache} of that name.
 *
 * @param options The app, the cookies' keys and where the tokens are kept.
 * @returns The handler.
 * @throws {TdauthError} `invalid_options` when a setting is wrong or missing.
 *
 * @example
 * ```ts
 * import { createWebHandler } from "@tdauth/tdauth";
 * import { startSandbox } from "@tdauth/tdauth/sandbox";
 * import assert from "node:assert/strict";
 *
 * await using sandbox = await startSandbox({
 *   broker: "tdameritrade",
 *   callbackUrl: "http://localhost:8000/callback",
 * });
 * const web = await createWebHandler({
 *   ...sandbox.app,
 *   sandbox: sandbox.url, // omit it for the real broker
 *   cookieKeys: [crypto.randomUUID() + crypto.randomUUID()], // keep yours: sessions end with it
 * });
 *
 * // Deno.serve(app), Hono, Fresh: anything with a Request.
 * async function app(request: Request): Promise<Response> {
 *   const { pathname } = new URL(request.url);
 *   if (Object.values(web.paths).includes(pathname)) return await web(request);
 *   const td = await web.authorizationFor(request);
 *   if (td === undefined) return Response.redirect(new URL("/login", request.url), 303);
 *   return await td.fetch("/v1/accounts");
 * }
 *
 * const first = await app(new Request("http://localhost:8000/"));
 * assert.equal(first.headers.get("location"), "http://localhost:8000/login");
 * const login = await app(new Request("http://localhost:8000/login"));
 * assert.equal(login.status, 303); // to the broker
 * ```
 */
export async function createWebHandler(
  options: WebHandlerOptions,
): Promise<WebHandler> {
  const web = await webApp(options);
  const { paths, sessions } = web;
  const routes = new Map([
    [paths.login, { method: "GET", answer: beginLogin }],
    [paths.callback, { method: "GET", answer: endLogin }],
    [paths.logout, { method: "POST", answer: endSession }],
  ]);
  const handler = async (request: Request): Promise<Response> => {
    const url = readRequest(request, web.hosts);
    if (url instanceof Response) return url;
    const route = routes.get(web.basePath + url.pathname);
    if (route === undefined) return sayPlainly(404, "Not Found");
    if (request.method !== route.method) {
      return sayPlainly(405, "Method Not Allowed", { allow: route.method });
    }
    // The browser discards a failure and sends the request again when its user really goes there.
    if (isPrefetch(request)) return sayPlainly(503, "Prefetch not supported");
    if (route.method === "GET" && isSubresource(request)) {
      return sayPlainly(403, "Login must be a top-level navigation");
    }
    return await route.answer(web, request);
  };
  return Object.assign(handler, {
    paths,
    async authorizationFor(request: Request) {
      const held = await sessions.session(request);
      if (held === undefined) return undefined;
      const { session, end } = held;
      const { now } = web;
      const cache = new StoredTokens(web.cacheFor(session), {
        now,
        until: end,
      });
      const context = { ...web.context, cache };
      try {
        const tokens = tokensUntil(await cachedTokens(context), end, now);
        return authorizationOf(context, tokens);
      } catch (error) {
        if (!(error instanceof TdauthError)) throw error;
        if (error.code === "login_needed") return undefined;
        if (!UNREADABLE.has(error.code) || !await canKeepLogin(web)) {
          throw error;
        }
        // Only a login helps this user: the new session does not need the old one's tokens.
        web.context.log("warning", error.message);
        return undefined;
      }
    },
  });
}

/** Whether a session's stored tokens are permanently unreadable. */
const UNREADABLE: ReadonlySet<string> = new Set([
  "cache_corrupt",
  "cache_sealed",
]);

/**
 * Whether a login could be stored: then unreadable tokens are one session's
 * problem, not that of the key, which all share.
 */
async function canKeepLogin({ cacheFor }: WebApp): Promise<boolean> {
  try {
    // A sealed cache looks for its key before a login begins.
    await cacheFor(crypto.randomUUID()).exclusive(
      "login",
      () => Promise.resolve(),
    );
    return true;
  } catch {
    return false;
  }
}

async function webApp(
  options: WebHandlerOptions,
): Promise<WebApp & { readonly hosts: ReadonlySet<string> }> {
  const {
    cookieKeys,
    cacheFor,
    hosts = [],
    basePath: _,
    loginPath: __,
    logoutPath: ___,
    homePath: ____,
    sessionLifetime = SESSION_LIFETIME,
    loginTimeout = LOGIN_TIMEOUT,
    ...shared
  } = options;
  checkTimes({ sessionLifetime, loginTimeout });
  const context = await prepare({
    ...shared,
    cache: new MemCache(),
    interactive: false,
  });
  const { now } = context;
  refuseFollower(context.settings, "log users in");
  const places = webPlaces(context, options);
  return {
    ...places,
    context,
    cacheFor: cacheFor ?? memCaches(sessionLifetime, now),
    sessionLifetime,
    now,
    logouts: new Logouts(),
    hosts: hostsOf(places.origin, hosts),
    sessions: new Sessions(cookieSealer(cookieKeys), {
      https: places.origin.startsWith("https:"),
      app: JSON.stringify([context.provider.id, context.app.consumerKey]),
      loginTimeout,
      now,
    }),
  };
}
