import { Authorization } from "./authorization.ts";
import type { AuthorizeOptions } from "./authorize_options.ts";
import { loggedIn } from "./log_in.ts";
import { type Context, prepare } from "./context.ts";
import { isTransient, TdauthError } from "../base/errors.ts";
import { logout } from "./logout.ts";
import { loginNeeded } from "./journal.ts";
import { refresh } from "./refresh.ts";
import { hasTokens, issuedBy, noTokens, type Tokens } from "../token/token.ts";

/**
 * Gives an authorization for an app's user in the cheapest way that works: from
 * the cache, else with the refresh token, else by a login in the user's browser.
 *
 * @param options The app and everything else; each may also come from the environment.
 * @returns The authorization, whose access token is valid.
 * @throws {TdauthError} With a code for the cause; see {@linkcode TdauthErrorCode}.
 * A signal that is aborted before a login has started throws its own reason.
 *
 * @example
 * ```ts
 * import { authorize } from "@tdauth/tdauth";
 * import { startSandbox } from "@tdauth/tdauth/sandbox";
 * import assert from "node:assert/strict";
 *
 * await using sandbox = await startSandbox({
 *   broker: "tdameritrade",
 *   callbackUrl: "http://127.0.0.1:0", // some free port
 * });
 * const td = await authorize({
 *   ...sandbox.app,
 *   sandbox: sandbox.url, // leave these two out for the real broker:
 *   openUrl: (url) => sandbox.approve(url), // a scripted user; the default opens a browser
 *   storeTokens: false,
 * });
 * assert.equal(td.accessToken.valid, true);
 *
 * const quotes = await td.fetch("/v1/marketdata/quotes?symbol=AAPL");
 * assert.equal(quotes.status, 200);
 * await quotes.body?.cancel();
 * ```
 */
export async function authorize(
  options: AuthorizeOptions = {},
): Promise<Authorization> {
  const context = await prepare(options);
  return await aboutProfile(
    context,
    async () => authorizationOf(context, await usableTokens(context)),
  );
}

/** Has the hints of errors name the profile: what nothing catches, the runtime prints. */
async function aboutProfile<T>(
  { settings }: Context,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    TdauthError.nameProfile(error, settings.profile);
    throw error;
  }
}

/** Puts an authorization together. */
export function authorizationOf(
  context: Context,
  tokens: Tokens,
): Authorization {
  const own = issuedBy(tokens, context.provider.id) ? tokens : noTokens();
  return new Authorization(context, own, {
    refresh: (isAcceptable) =>
      aboutProfile(context, () => refreshed(context, isAcceptable)),
    logout: () => aboutProfile(context, async () => void await logout(context)),
  });
}

/** Returns tokens with a valid access token: stored, refreshed, or from a login. */
async function usableTokens(context: Context): Promise<Tokens> {
  try {
    return await cachedTokens(context);
  } catch (error) {
    if (
      !(error instanceof TdauthError) || error.code !== "login_needed" ||
      !context.interactive
    ) throw error;
    context.log("debug", error.message);
  }
  return await loggedIn(context, { isAcceptable: acceptable(context) });
}

/**
 * Gives tokens whose access token is valid, without a login.
 *
 * @param context The context.
 * @returns The tokens in the cache, or those of a refresh.
 * @throws {TdauthError} `login_needed`, or why the refresh failed.
 */
export async function cachedTokens(context: Context): Promise<Tokens> {
  const isAcceptable = acceptable(context);
  const stored = await context.cache.load();
  if (isAcceptable(stored)) return stored;
  try {
    return await refreshed(context, isAcceptable);
  } catch (error) {
    const usable = stored.accessToken.valid &&
      issuedBy(stored, context.provider.id);
    if (isTransient(error) && usable) return stored;
    throw error;
  }
}

/** Whether tokens can be used as they are. */
function acceptable(
  { minValid, provider }: Context,
): (tokens: Tokens) => boolean {
  return (tokens) =>
    tokens.accessToken.remaining > minValid && issuedBy(tokens, provider.id);
}

async function refreshed(
  context: Context,
  isAcceptable: (tokens: Tokens) => boolean,
): Promise<Tokens> {
  context.signal?.throwIfAborted();
  // Taking turns would leave a lock file where there was nothing.
  if (!hasTokens(await context.cache.load())) {
    throw loginNeeded("there are no stored tokens");
  }
  return await refresh({ ...context, isAcceptable });
}
