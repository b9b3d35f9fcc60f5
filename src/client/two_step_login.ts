import { waitingFor, withLockTimeout } from "../cache/with_lock_timeout.ts";
import { storeTokens } from "../cache/exclusively_or.ts";
import { TdauthError } from "../base/errors.ts";
import { timeText } from "../login/login_end.ts";
import { PendingLogin } from "../token/pending_login.ts";
import type { Tokens } from "../token/token.ts";
import type { Context } from "./context.ts";
import { refuseFollower } from "./keeper.ts";
import { loadOrSetAside, requiredCallbackUrl } from "./log_in.ts";
import { withKnownClient } from "./login_client.ts";

/** How long a login that was begun can be finished, in seconds. */
const PENDING_LIFE = 600;
/** How long, in seconds, to wait for others who refresh the same tokens. */
const LOCK_TIMEOUT = 60;

/** A login that was begun: what the user needs for it, and no secret of it. */
export interface BegunLogin {
  /** Tells it from other logins. */
  readonly id: string;
  /** The provider's page, for any browser on any machine. */
  readonly authorizationUrl: string;
  /** The beginning of the address at which the browser ends. */
  readonly callbackUrl: string;
  /** Until when it can be finished, in seconds since the epoch. */
  readonly expires: number;
}

/**
 * Begins a login: makes its URL, and keeps what is needed to finish it with the
 * tokens, sealed where they are. A later one takes its place.
 *
 * @param context The context.
 * @returns What the user needs.
 * @throws {TdauthError} `invalid_options` when no login can succeed; as the cache
 * when nothing can be stored, which the tokens would need as well.
 */
export async function begin(context: Context): Promise<BegunLogin> {
  const { app, settings, now, cache } = context;
  refuseFollower(settings, "begin a login");
  const callbackUrl = requiredCallbackUrl(settings.callbackUrl);
  const provider = await context.provider.get();
  const { checkLogin } = await import("../login/check_login.ts");
  checkLogin(provider, app, callbackUrl);
  const { authorizationRequest } = await import(
    "../oauth/authorization_request.ts"
  );
  const { url, ...secrets } = await authorizationRequest(
    provider,
    app,
    callbackUrl,
  );
  const pendingLogin = new PendingLogin({
    id: crypto.randomUUID(),
    ...secrets,
    callbackUrl,
    provider: provider.id,
    consumerKey: app.consumerKey,
    expires: Math.floor(now() / 1000) + PENDING_LIFE,
  });
  await whileNoRefresh(context, async () => {
    const stored = await loadOrSetAside(context);
    // Tokens that could not be stored are not worth a login.
    using _room = await cache.reserve("login");
    await cache.save({ ...stored, pendingLogin }, "journal");
  });
  const { id, expires } = pendingLogin;
  return { id, authorizationUrl: url, callbackUrl, expires };
}

/**
 * Finds the login that was begun.
 *
 * @param context The context.
 * @returns The login.
 * @throws {TdauthError} `login_failed` when there is none that can be finished.
 */
export async function pendingLoginOf(context: Context): Promise<PendingLogin> {
  const { pendingLogin } = await context.cache.load();
  if (pendingLogin === undefined) throw noLogin("none was begun here");
  if (pendingLogin.expires <= context.now() / 1000) {
    throw noLogin(`it was begun more than ${timeText(PENDING_LIFE)} ago`);
  }
  const { provider, consumerKey } = pendingLogin;
  if (
    provider !== context.provider.id || consumerKey !== context.app.consumerKey
  ) throw noLogin("it was begun for another provider or app");
  return pendingLogin;
}

/**
 * Reads the redirect of a login that was begun. A wrong one uses nothing up.
 *
 * @param pending The login.
 * @param text The address at which the browser ended, as it was pasted.
 * @returns Its parameters, or what is wrong with it.
 */
export async function redirectOf(
  pending: PendingLogin,
  text: string,
): Promise<URLSearchParams | string> {
  const { describeRejection, parsePastedUrl } = await import(
    "../login/pasted_url.ts"
  );
  const { callbackUrl, state } = pending;
  const found = parsePastedUrl(text, callbackUrl, state);
  return found.ok ? found.parameters : describeRejection(found.reason);
}

/**
 * Finishes a login, once: of several that try at once one does.
 *
 * @param context The context.
 * @param pending The login.
 * @param redirect The redirect's parameters, from {@linkcode redirectOf}.
 * @returns The tokens, which are stored.
 * @throws {TdauthError} `login_failed` when it has been finished; as the exchange
 * of the code, and as the cache.
 */
export async function finish(
  context: Context,
  pending: PendingLogin,
  redirect: URLSearchParams,
): Promise<Tokens> {
  const { app, cache, log, now, signal } = context;
  const provider = await context.provider.get();
  const before = await whileNoRefresh(context, async () => {
    const { pendingLogin, ...stored } = await cache.load();
    if (pendingLogin?.id !== pending.id) {
      throw noLogin("it has been finished, or another was begun since");
    }
    await cache.save(stored, "journal");
    return stored;
  });
  using _room = await cache.reserve("login");
  const { tokensFromRedirect } = await import(
    "../login/tokens_from_redirect.ts"
  );
  const { state, codeVerifier, callbackUrl } = pending;
  return await withKnownClient(
    context,
    before,
    (requests) =>
      tokensFromRedirect({
        ...requests,
        provider,
        app,
        callbackUrl,
        request: { state, ...(codeVerifier !== undefined && { codeVerifier }) },
        redirect,
        store: (tokens) => storeTokens(cache, tokens, waits(context)),
        log,
        fetch: context.fetch,
        now,
        ...(signal && { signal }),
      }),
  );
}

/** Says what is waited for. */
function waits({ log }: Context): (who: string) => void {
  return (who) => log("warning", waitingFor(who));
}

/** Runs work while no refresh changes the same tokens. */
function whileNoRefresh<T>(
  context: Context,
  run: () => Promise<T>,
): Promise<T> {
  const { cache, signal } = context;
  return withLockTimeout(cache, "refresh", run, {
    timeout: LOCK_TIMEOUT,
    onWait: waits(context),
    onTimeout: (who) =>
      new TdauthError(
        "busy",
        `Cannot log in: ${who} has been refreshing the tokens for ${LOCK_TIMEOUT} seconds`,
        { hint: "check for a hung or suspended tdauth process, and end it" },
      ),
    ...(signal && { signal }),
  });
}

function noLogin(why: string): TdauthError {
  return new TdauthError(
    "login_failed",
    `Cannot finish the login: ${why}`,
    { hint: { text: "begin one:", command: ["login", "--begin"] } },
  );
}
