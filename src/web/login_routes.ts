import type { TokenCache } from "../cache/token_cache.ts";
import { TdauthError } from "../errors.ts";
import { checkRedirect, redirectParameters } from "../login/redirect.ts";
import { authorizationRequest, exchangeCode } from "../protocol/protocol.ts";
import { tokensFromGrant } from "../protocol/tokens_from_grant.ts";
import { noTokens, type Tokens } from "../token.ts";
import { failedPage, strayPage, type WebPageLink } from "./pages.ts";
import { redirectTo, sayPlainly, showPage } from "./responses.ts";
import { returnPath } from "./return_path.ts";
import type { PendingLogin } from "./sessions.ts";
import type { WebApp } from "./web_app.ts";

/**
 * Sends the browser to the broker.
 *
 * @param web The application.
 * @param request The request to the login route.
 * @returns A redirect with the login's own cookie; 400 when `return_to` leads elsewhere.
 */
export async function beginLogin(
  web: WebApp,
  request: Request,
): Promise<Response> {
  const asked = new URL(request.url).searchParams.get("return_to");
  const returnTo = asked === null
    ? web.homePath
    : returnPath(asked, web.origin);
  if (returnTo === undefined) {
    return sayPlainly(400, "return_to must be a path of this application");
  }
  const { provider, app } = web.context;
  const { url, ...secrets } = await authorizationRequest(
    await provider.get(),
    app,
    web.callbackUrl,
  );
  const cookies = await web.sessions.begin(request, {
    ...secrets,
    returnTo,
    session: crypto.randomUUID() + crypto.randomUUID(),
    time: Math.floor(web.now() / 1000),
  });
  return redirectTo(url, cookies);
}

/**
 * Takes the broker's answer, exchanges the code, and begins a session.
 *
 * @param web The application.
 * @param request The request to the callback route.
 * @returns A redirect to where the user wanted to go, or a page that says why not.
 */
export async function endLogin(
  web: WebApp,
  request: Request,
): Promise<Response> {
  const { sessions, context } = web;
  const parameters = redirectParameters(new URL(request.url).search);
  const login = await sessions.pending(request, parameters.get("state") ?? "");
  // Whatever is wrong with it, each login of this browser goes on: no cookie is touched.
  if (
    login === undefined || !checkRedirect(parameters, login.state).ok
  ) return showPage(await strayPage(linkBack(web)));
  const over = sessions.endLogin(login);
  try {
    const cache = web.cacheFor(login.session);
    const tokens = await cache.exclusive(
      "login",
      () => tokensOf(web, login, parameters, cache),
    );
    const before = await sessions.session(request);
    if (before !== undefined && before !== login.session) {
      await web.cacheFor(before).clear();
    }
    const { remaining } = tokens.refreshToken;
    return redirectTo(login.returnTo, [
      await sessions.hold(
        login.session,
        Math.min(web.sessionLifetime, remaining),
      ),
      over,
    ]);
  } catch (error) {
    if (!(error instanceof TdauthError)) throw error;
    context.log("warning", error.message);
    const { name } = await context.provider.get();
    return showPage(
      await failedPage(name, error, linkBack(web, login.returnTo)),
      [over],
    );
  }
}

/** Exchanges the code, unless another answer to the same login has been here before, in whichever process. */
async function tokensOf(
  { context, callbackUrl, now }: WebApp,
  login: PendingLogin,
  parameters: URLSearchParams,
  cache: TokenCache,
): Promise<Tokens> {
  const stored = await cache.load();
  if (stored.refreshToken.token !== undefined) return stored;
  const provider = await context.provider.get();
  if (stored.refreshPending !== undefined) {
    throw new TdauthError(
      "login_failed",
      `Cannot log in to ${provider.name}: the answer to this login has been used before`,
      { hint: "begin a new login" },
    );
  }
  const askedAt = now();
  // A mark, so that the code is sent once whatever comes of it.
  await cache.save({
    ...noTokens(),
    refreshPending: Math.floor(askedAt / 1000),
  });
  const { fetch } = context.options;
  const grant = await exchangeCode(
    provider,
    context.app,
    callbackUrl,
    { url: "", ...login },
    parameters,
    fetch === undefined ? {} : { fetch },
  );
  const tokens = tokensFromGrant(provider, grant, {
    askedAt,
    consumerKey: context.app.consumerKey,
    now,
  });
  await cache.exclusive("refresh", () => cache.save(tokens));
  return tokens;
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
