import { Authorization } from "./authorization.ts";
import type { AuthorizeOptions } from "./authorize_options.ts";
import { withPatience } from "./cache/with_patience.ts";
import { storeTokens } from "./cache/without_turn.ts";
import { realEnv, realEnvironment } from "./system/environment.ts";
import { certificate, type Context, prepare } from "./context.ts";
import { isPassing, TdauthError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { LoginEvent } from "./login/login_event.ts";
import { logout } from "./logout.ts";
import type { ProtocolOptions } from "./protocol/protocol.ts";
import { loginNeeded } from "./refresh/journal.ts";
import { refresh } from "./refresh/refresh.ts";
import { hasTokens, issuedBy, noTokens, type Tokens } from "./token.ts";

/** How long, in milliseconds, a login waits for another before it says so. */
const NOTICE_AFTER = 500;

/**
 * Gives an authorization for an app's user in the cheapest way that works: from
 * the cache, else with the refresh token, else by a login in the user's browser.
 *
 * @param options The app and everything else; each may also come from the environment.
 * @returns The authorization, whose access token is valid.
 * @throws {TdauthError} With a code that says what is wrong; see {@linkcode TdauthErrorCode}.
 * A signal that is aborted before a login has begun gives its own reason.
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
  const tokens = await usableTokens(context);
  return authorizationOf(context, tokens);
}

/** Puts an authorization together. */
export function authorizationOf(
  context: Context,
  tokens: Tokens,
): Authorization {
  const { options, provider } = context;
  return new Authorization({
    tokens: issuedBy(tokens, provider.id) ? tokens : noTokens(),
    minValid: options.minValid ?? 60,
    refresh: (enough) => refreshed(context, enough),
    logout: async () => void await logout(refreshParts(context)),
    apiOrigin: async () => (await provider.get()).apiOrigin,
    fetch: options.fetch ?? fetch,
  });
}

/** Tokens whose access token is valid, by whatever it takes. */
async function usableTokens(context: Context): Promise<Tokens> {
  try {
    return await cachedTokens(context);
  } catch (error) {
    if (
      !(error instanceof TdauthError) || error.code !== "login_needed" ||
      context.options.interactive === false
    ) throw error;
    context.log("debug", error.message);
  }
  return await loggedIn(context, { enough: isEnough(context) });
}

/**
 * Gives tokens whose access token is valid, without a login.
 *
 * @param context The context.
 * @returns The tokens in the cache, or those of a refresh.
 * @throws {TdauthError} `login_needed`, or why the refresh failed.
 */
export async function cachedTokens(context: Context): Promise<Tokens> {
  const enough = isEnough(context);
  const stored = await context.cache.load();
  if (enough(stored)) return stored;
  try {
    return await refreshed(context, enough);
  } catch (error) {
    const usable = stored.accessToken.valid &&
      issuedBy(stored, context.provider.id);
    if (isPassing(error) && usable) return stored;
    throw error;
  }
}

/** Whether tokens can be used as they are. */
function isEnough(
  { options, provider }: Context,
): (tokens: Tokens) => boolean {
  const minValid = options.minValid ?? 60;
  return (tokens) =>
    tokens.accessToken.remaining > minValid && issuedBy(tokens, provider.id);
}

/** How a login is to end. */
export interface LoginNeeds {
  /** Which stored tokens will do in place of a login. */
  readonly enough: (tokens: Tokens) => boolean;
  /** Whether tokens that cannot be stored are of no use; else they are used and the user is warned. */
  readonly mustStore?: boolean;
}

/**
 * Lets the user log in, unless somebody else's login gave tokens while this one
 * waited for its turn.
 *
 * @param context The context.
 * @param needs How it is to end.
 * @returns The new tokens.
 * @throws {TdauthError} As from the login; `busy` when another login does not end.
 */
export async function loggedIn(
  context: Context,
  needs: LoginNeeds,
): Promise<Tokens> {
  const { loginTimeout = 300, signal } = context.options;
  const patience = loginTimeout + 60;
  const notice = setTimeout(
    () => context.log("warning", "another login is under way: waiting for it"),
    NOTICE_AFTER,
  );
  try {
    return await withPatience(context.cache, "login", () => {
      clearTimeout(notice);
      return loginInTurn(context, needs);
    }, {
      patience,
      late: () => otherLogin(patience),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (error instanceof TdauthError || !signal?.aborted) throw error;
    throw new TdauthError(
      "login_cancelled",
      "Cannot log in: the login was cancelled",
      { hint: "log in again: tdauth login", cause: error },
    );
  } finally {
    clearTimeout(notice);
  }
}

async function loginInTurn(
  context: Context,
  { enough, mustStore }: LoginNeeds,
): Promise<Tokens> {
  const { app, cache, options, settings } = context;
  const stored = await loadOrSetAside(context);
  if (enough(stored) && issuedBy(stored, context.provider.id)) return stored;
  const { callbackUrl } = settings;
  if (callbackUrl === undefined) {
    throw new TdauthError(
      "invalid_options",
      "Cannot log in: there is no callback URL",
      {
        hint:
          "run tdauth configure, or set TD_CALLBACK_URL letter for letter as it is registered with the broker",
      },
    );
  }
  const store = async (tokens: Tokens) => {
    try {
      await storeTokens(cache, tokens);
    } catch (error) {
      if (mustStore || !(error instanceof TdauthError)) throw error;
      context.log(
        "warning",
        `${error.message}; the tokens are used and not kept`,
      );
    }
  };
  // A script that finds its token in the cache never pays for loading this.
  const { login } = await import("./login/login.ts");
  return await login({
    provider: await context.provider.get(),
    app,
    callbackUrl,
    profile: settings.profile,
    certificate: () => certificate(settings, options.now),
    openUrl: options.openUrl ?? openInBrowser,
    store,
    onEvent: options.onEvent ?? ((event) => logEvent(context.log, event)),
    ...(options.pastedUrls && { pastedUrls: options.pastedUrls }),
    ...(options.loginTimeout !== undefined &&
      { timeout: options.loginTimeout }),
    ...edges(options),
  });
}

function otherLogin(patience: number): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot log in: another login has been under way for ${patience} seconds`,
    { hint: "see whether a tdauth process hangs or is stopped, and end it" },
  );
}

async function openInBrowser(url: string): Promise<void> {
  const { openBrowser } = await import("./login/browser.ts");
  const command = realEnv("BROWSER");
  const env = realEnvironment();
  await openBrowser(url, {
    ...(command !== undefined && { command }),
    ...(env && { env }),
  });
}

/**
 * Reads the stored tokens for one who is about to replace them, and so needs
 * nothing of a damaged file, which is set aside; the user hears where it is.
 */
export async function loadOrSetAside(
  { cache, log }: Context,
): Promise<Tokens> {
  try {
    return await cache.load();
  } catch (error) {
    if (!(error instanceof TdauthError) || error.code !== "cache_corrupt") {
      throw error;
    }
    log("warning", error.message);
    return await cache.load();
  }
}

async function refreshed(
  context: Context,
  enough: (tokens: Tokens) => boolean,
): Promise<Tokens> {
  context.options.signal?.throwIfAborted();
  // Taking turns would leave a lock file where there was nothing.
  if (!hasTokens(await context.cache.load())) {
    throw loginNeeded("there are no stored tokens");
  }
  return await refresh({ ...refreshParts(context), enough });
}

function refreshParts({ app, cache, log, options, provider }: Context) {
  return {
    app,
    cache,
    provider: provider.get,
    providerId: provider.id,
    warn: (message: string) => log("warning", message),
    ...edges(options),
  };
}

function edges(
  options: AuthorizeOptions,
): ProtocolOptions & { readonly now?: () => number } {
  const { fetch, now, signal } = options;
  return {
    ...(fetch && { fetch }),
    ...(now && { now }),
    ...(signal && { signal }),
  };
}

/** What a script's user sees when it has no user interface of its own. */
function logEvent(log: Log, event: LoginEvent): void {
  if (event.type === "ready") log("info", `log in at ${event.url}`);
  if (event.type === "not_opened") log("warning", event.message);
  if (event.type === "rejected") {
    log("warning", `a ${event.from} was refused: ${event.reason}`);
  }
  if (event.type === "done") log("info", "logged in");
}
