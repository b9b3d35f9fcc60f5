import { StoredTokens } from "../cache/stored_tokens.ts";
import { storeTokens } from "../cache/exclusively_or.ts";
import { waitingFor } from "../cache/with_lock_timeout.ts";
import { TdauthError } from "../base/errors.ts";
import { checkRedirect, redirectParameters } from "../login/redirect.ts";
import { tokensFromRedirect } from "../login/tokens_from_redirect.ts";
import {
  type AuthorizationRequest,
  authorizationRequest,
} from "../oauth/protocol.ts";
import { ClientAttempts, type ClientRecord } from "../oauth/client_attempts.ts";
import { toBase64Url } from "../seal/box.ts";
import { hasTokens, noTokens, type Tokens } from "../token/token.ts";
import { forgetSession } from "./logouts.ts";
import { failedPage, latePage, strayPage, type WebPageLink } from "./pages.ts";
import { redirectTo, sayPlainly, showPage } from "./responses.ts";
import { returnPath } from "./return_path.ts";
import type { PendingLogin } from "./sessions.ts";
import { checkResponseMode, leadsToRoute, type WebApp } from "./web_app.ts";

/**
 * The longest return path of a login, in characters of JSON, as in its cookie:
 * with more, eight logins of one browser would not fit.
 */
const LONGEST_PATH = 400;

/**
 * Sends the browser to the broker.
 *
 * @param web The application.
 * @param request The request to the login route.
 * @returns A redirect with the login's own cookie; 400 when `return_to` leads elsewhere; 503 when the issuer's metadata is unavailable.
 */
export async function beginLogin(
  web: WebApp,
  request: Request,
): Promise<Response> {
  const asked = new URL(request.url).searchParams.get("return_to");
  const path = asked === null ? web.homePath : returnPath(asked, web.origin);
  if (path === undefined) {
    return sayPlainly(400, "return_to must be a path of this application");
  }
  const long = JSON.stringify(path).length - 2 > LONGEST_PATH;
  const returnTo = long || leadsToRoute(path, web) ? web.homePath : path;
  const { provider, app } = web.context;
  let start: AuthorizationRequest;
  try {
    const found = await provider.get();
    checkResponseMode(found);
    start = await authorizationRequest(found, app, web.callbackUrl);
  } catch (error) {
    return await failed(web, error, returnTo); // the issuer's metadata cannot be had
  }
  const { url, ...secrets } = start;
  const cookies = await web.sessions.begin(request, {
    ...secrets,
    returnTo,
    session: toBase64Url(crypto.getRandomValues(new Uint8Array(24))),
    time: Math.floor(web.now() / 1000),
  });
  return redirectTo(url, cookies);
}

/**
 * Handles the broker's redirect, exchanges the code, and begins a session.
 *
 * @param web The application.
 * @param request The request to the callback route.
 * @returns A redirect to the return path, or a page that shows the error.
 */
export async function endLogin(
  web: WebApp,
  request: Request,
): Promise<Response> {
  const { sessions } = web;
  const parameters = redirectParameters(new URL(request.url).search);
  const login = await sessions.pending(request, parameters.get("state") ?? "");
  // Whatever is wrong, all logins of this browser continue: no cookie is touched.
  if (
    login === undefined || !checkRedirect(parameters, login.state).ok
  ) {
    const again = await sessions.session(request) === undefined
      ? linkBack(web)
      : { href: web.homePath, text: "Continue: you are logged in" };
    return showPage(await strayPage(again));
  }
  const over = sessions.endLogin(login);
  const { returnTo, session } = login;
  const end = Math.floor(web.now() / 1000) + Math.floor(web.sessionLifetime);
  const cache = new StoredTokens(web.cacheFor(session), {
    now: web.now,
    until: end,
  });
  let exchanged = false;
  let late = false;
  try {
    await cache.exclusive(
      "login",
      () =>
        tokensOf(web, login, parameters, cache, () => {
          exchanged = true;
        }),
    );
  } catch (error) {
    const away = error instanceof TdauthError &&
      error.code === "cache_unreadable";
    if (!exchanged || !away) {
      return await failed(web, error, returnTo, [over]);
    }
    // A store such as Redis gets them once it is back: the session begins anyway.
    web.context.log("warning", error.message);
    late = true;
  }
  const before = await sessions.session(request);
  if (before !== undefined && before.session !== session) {
    await forgetSession(web, before.session);
  }
  const cookies = [await sessions.hold({ session, end }), over];
  if (!late) return redirectTo(returnTo, cookies);
  const page = await latePage({ href: returnTo, text: "Continue" });
  page.headers.set("retry-after", "30");
  return showPage(page, cookies);
}

/** Shows why a login failed. */
async function failed(
  web: WebApp,
  error: unknown,
  returnTo: string,
  cookies: readonly string[] = [],
): Promise<Response> {
  if (!(error instanceof TdauthError)) throw error;
  const { provider, log } = web.context;
  log("warning", error.message);
  const name = await provider.get().then(
    ({ name }) => name,
    () => new URL(provider.key).host, // an issuer that cannot be reached
  );
  const page = await failedPage(name, error, linkBack(web, returnTo));
  if (page.status === 503) page.headers.set("retry-after", "30");
  return showPage(page, cookies);
}

/**
 * How the provider has accepted the application, which is the same in every user's
 * login: no second user's code is at risk in a request that is rejected.
 */
const accepted = new WeakMap<WebApp, ClientRecord>();

/** Exchanges the code, unless a response to the same login was already used, in any process. */
async function tokensOf(
  web: WebApp,
  login: PendingLogin,
  parameters: URLSearchParams,
  cache: StoredTokens,
  onExchanged: () => void,
): Promise<Tokens> {
  const { context, callbackUrl, now } = web;
  const stored = await cache.load();
  if (hasTokens(stored)) return stored;
  const provider = await context.provider.get();
  if (stored.refreshPending !== undefined) {
    throw new TdauthError(
      "login_failed",
      `Cannot log in to ${provider.name}: this login's response was already used`,
      { hint: "start a new login" },
    );
  }
  // A mark, so that the code is sent only once whatever happens.
  await cache.save({
    ...noTokens(),
    refreshPending: Math.floor(now() / 1000),
  }, "journal");
  const attempts = new ClientAttempts();
  const client = accepted.get(web);
  return await tokensFromRedirect({
    provider,
    app: context.app,
    callbackUrl,
    request: login,
    redirect: parameters,
    attempts,
    ...(client !== undefined && { client }),
    store: async (tokens) => {
      if (tokens.client !== undefined) accepted.set(web, tokens.client);
      await storeTokens(
        cache,
        tokens,
        (who) => context.log("warning", waitingFor(who)),
      );
    },
    onExchanged,
    log: context.log,
    fetch: context.fetch,
    now,
  }).catch((error) => {
    // The server may read another form now: the next login tries each.
    if (attempts.rejection !== undefined) accepted.delete(web);
    throw error;
  });
}

function linkBack(
  { homePath, paths }: WebApp,
  returnTo: string = homePath,
): WebPageLink {
  return {
    href: returnTo === homePath
      ? paths.login
      : `${paths.login}?return_to=${encodeURIComponent(returnTo)}`,
    text: "Log in again",
  };
}
