import {
  Authorization,
  type IsAcceptable,
  isFresh,
  stillUsable,
} from "./authorization.ts";
import type { AuthorizeOptions } from "./authorize_options.ts";
import { loadOrSetAside, loggedIn } from "./log_in.ts";
import { type Context, prepare } from "./context.ts";
import { TdauthError } from "../base/errors.ts";
import { keeperOf } from "./keeper.ts";
import { logout } from "./logout.ts";
import { loginNeeded, reasonOf } from "./journal.ts";
import { refresh } from "./refresh.ts";
import { stderr, stdin, stdout } from "../system/standard_streams.ts";
import { hasTokens, issuedBy, type Tokens, tokensOf } from "../token/token.ts";

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

/**
 * Has the hints of errors name the profile: what nothing catches, the runtime prints.
 *
 * @param context The context of the profile.
 * @param run What may fail.
 * @returns What it returns.
 */
export async function aboutProfile<T>(
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
  const own = tokensOf(tokens, context.provider.id);
  return new Authorization(context, own, {
    refresh: (isAcceptable) =>
      aboutProfile(context, () => refreshed(context, isAcceptable)),
    logout: () =>
      aboutProfile(context, async () => {
        const outcome = await logout(context);
        TdauthError.nameProfile(outcome.error, context.settings.profile);
        return outcome;
      }),
  });
}

/** Returns tokens with a valid access token: stored, refreshed, or from a login. */
async function usableTokens(context: Context): Promise<Tokens> {
  const stored = context.interactive === false
    ? await context.cache.load()
    : await loadOrSetAside(context);
  try {
    return await freshTokens(context, stored);
  } catch (error) {
    const isLogin = error instanceof TdauthError &&
      (error.code === "login_needed" || error.code === "cache_corrupt");
    const mayLogIn = context.interactive !== false &&
      context.settings.keeper === undefined;
    if (!isLogin || !mayLogIn) {
      return usableOr(context, stored, error);
    }
    const alone = context.interactive ? undefined : await unattended(context);
    if (alone !== undefined) {
      return usableOr(context, stored, unseen(error, alone));
    }
    context.log("debug", error.message);
  }
  const isAcceptable = acceptable(context);
  const tokens = await loggedIn(context, {
    isAcceptable: (found) => isAcceptable(found, isOther(found, stored)),
  });
  if (tokens.refreshToken.token === undefined) {
    context.log(
      "info",
      `${context.provider.name} issued no refresh token: the next login is due when the access token expires`,
    );
  }
  return tokens;
}

/** Why a login that began here would be seen by no user, as that of a script of cron; `undefined` if it may be seen. */
async function unattended(
  { noBrowser }: Context,
): Promise<string | undefined> {
  const terminal = [stdin, stdout, stderr].some((stream) =>
    stream.isTerminal()
  );
  return terminal ? undefined : await noBrowser();
}

/** The error of a script that could only wait for a person who is not there. */
function unseen(cause: TdauthError, why: string): TdauthError {
  return loginNeeded(
    `${
      reasonOf(cause)
    }, and no user would see a login here: there is no terminal, and ${why}`,
    cause,
  );
}

/**
 * Gives tokens whose access token is valid, without a login.
 *
 * @param context The context.
 * @returns The tokens in the cache, or those of a refresh.
 * @throws {TdauthError} `login_needed`, or why the refresh failed.
 */
export async function cachedTokens(context: Context): Promise<Tokens> {
  const stored = await context.cache.load();
  try {
    return await freshTokens(context, stored);
  } catch (error) {
    return usableOr(context, stored, error);
  }
}

/** Returns the stored tokens where they are fresh enough, else refreshed ones. */
async function freshTokens(context: Context, stored: Tokens): Promise<Tokens> {
  const isAcceptable = acceptable(context);
  return isAcceptable(stored) ? stored : await refreshed(context, isAcceptable);
}

/** Returns the stored tokens where they can be used still; else throws why there are no others. */
function usableOr(
  { provider }: Context,
  stored: Tokens,
  error: unknown,
): Tokens {
  if (issuedBy(stored, provider.id) && stillUsable(stored, error)) {
    return stored;
  }
  throw error;
}

/** Whether tokens can be used as they are. */
function acceptable({ minValid, provider }: Context): IsAcceptable {
  const isAcceptable = isFresh(minValid);
  return (tokens, isNew) =>
    isAcceptable(tokens, isNew) && issuedBy(tokens, provider.id);
}

/** Whether tokens have another access token than those before. */
function isOther({ accessToken }: Tokens, before: Tokens): boolean {
  return accessToken.token !== before.accessToken.token;
}

async function refreshed(
  context: Context,
  isAcceptable: IsAcceptable,
): Promise<Tokens> {
  context.signal?.throwIfAborted();
  const keeper = keeperOf(context.settings);
  if (keeper !== undefined) {
    const { followedTokens } = await import("./followed_tokens.ts");
    return await followedTokens(context, keeper, isAcceptable);
  }
  const before = await context.cache.load();
  // Taking turns would leave a lock file where there was nothing.
  if (!hasTokens(before)) {
    throw loginNeeded("there are no stored tokens");
  }
  return await refresh({
    ...context,
    isAcceptable: (stored) => isAcceptable(stored, isOther(stored, before)),
  });
}
