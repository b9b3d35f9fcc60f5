import { waitingFor, withLockTimeout } from "../cache/with_lock_timeout.ts";
import { storeTokens } from "../cache/exclusively_or.ts";
import { certificate, type Context } from "./context.ts";
import { TdauthError } from "../base/errors.ts";
import { refuseFollower } from "./keeper.ts";
import { issuedBy, noTokens, type Tokens } from "../token/token.ts";
import type { ClientAttempts, ClientRecord } from "../oauth/client_attempts.ts";
import { beginAttempts } from "./client_journal.ts";
import {
  acceptedClient,
  type CountedRequests,
  rememberingClient,
  withKnownClient,
} from "./login_client.ts";

/** How long, in milliseconds, a login waits for one whose process is unknown before it reports it. */
const NOTICE_AFTER = 1500;

/** How a login is to end. */
export interface LoginNeeds {
  /** Which stored tokens will do in place of a login. */
  readonly isAcceptable: (tokens: Tokens) => boolean;
  /** Whether failing to store the tokens is an error; else they are used and the user is warned. */
  readonly mustStore?: boolean;
  /** Whether a person asked for it just now: the app is then tried again where it was rejected before. @default {false} */
  readonly asked?: boolean;
  /** Why nothing listens for the redirect, which is pasted. @default {it listens where it can} */
  readonly pasteOnly?: string;
}

/**
 * Lets the user log in, unless another login stored tokens while this one
 * waited for the lock.
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
  const { loginTimeout, signal } = context;
  const timeout = loginTimeout + 60;
  refuseFollower(context.settings, "log in");
  await context.cache.askFirst(); // a question is no wait for another login
  const wait = (who: string) => {
    clearTimeout(notice);
    context.log("warning", `${who} is logging in; waiting for it`);
  };
  // Of another login in this process, and in a store that says nothing, no one tells.
  const notice = setTimeout(() => wait("another caller"), NOTICE_AFTER);
  try {
    return await withLockTimeout(context.cache, "login", () => {
      clearTimeout(notice);
      return loginExclusively(context, needs);
    }, {
      timeout,
      onTimeout: (who) => otherLogin(who, timeout),
      onWait: wait,
      ...(signal && { signal }),
    });
  } catch (error) {
    if (error instanceof TdauthError || !signal?.aborted) throw error;
    throw new TdauthError(
      "login_cancelled",
      "Cannot log in: the login was cancelled",
      { hint: { text: "log in again:", command: ["login"] }, cause: error },
    );
  } finally {
    clearTimeout(notice);
  }
}

async function loginExclusively(
  context: Context,
  { isAcceptable, mustStore, asked = false, pasteOnly }: LoginNeeds,
): Promise<Tokens> {
  const { cache, settings } = context;
  const stored = await loadOrSetAside(context);
  if (isAcceptable(stored) && issuedBy(stored, context.provider.id)) {
    return stored;
  }
  const store = async (tokens: Tokens) => {
    try {
      await storeTokens(
        cache,
        tokens,
        (who) => context.log("warning", waitingFor(who)),
      );
    } catch (error) {
      if (mustStore || !(error instanceof TdauthError)) throw error;
      context.log(
        "warning",
        `${error.message}; the tokens are used but not stored`,
      );
    }
  };
  // A browser login invalidates the old tokens at some brokers.
  using _room = await cache.reserve("login");
  const { callbackUrl } = settings;
  const client = await acceptedClient(context, stored);
  const onDevice = await deviceTokens(context, store, {
    client,
    before: asked ? { client } : stored,
  });
  if (onDevice !== undefined) return onDevice;
  const required = requiredCallbackUrl(callbackUrl);
  // A script that finds its token in the cache never pays for loading this.
  const { login } = await import("../login/login.ts");
  const provider = await context.provider.get();
  return await withKnownClient(context, stored, (requests) =>
    login({
      ...context,
      ...requests,
      provider,
      callbackUrl: required,
      profile: settings.profile,
      certificate: () => certificate(settings, context.now),
      store,
      ...(pasteOnly !== undefined && { pasteOnly }),
    }));
}

/**
 * Returns the callback URL, without which there is no login with a browser.
 *
 * @param callbackUrl What the settings say.
 * @returns The same.
 * @throws {TdauthError} `invalid_options` when it is not set.
 */
export function requiredCallbackUrl(callbackUrl: string | undefined): string {
  if (callbackUrl !== undefined) return callbackUrl;
  throw new TdauthError(
    "invalid_options",
    "Cannot log in: no callback URL is set",
    {
      hint: [
        { text: "run", command: ["configure"] },
        ", or set TD_CALLBACK_URL exactly as registered with the broker",
      ],
    },
  );
}

/**
 * Lets the user log in with a code on another device, if that was asked for, or
 * if a browser login cannot work here and the provider offers the other.
 */
async function deviceTokens(
  context: Context,
  store: (tokens: Tokens) => Promise<void>,
  { client, before }: {
    readonly client: ClientRecord | undefined;
    readonly before: { readonly client?: ClientRecord | undefined };
  },
): Promise<Tokens | undefined> {
  const { device, settings } = context;
  if (device === false) return undefined;
  const because = device ? undefined : await context.noBrowser() ??
    (settings.callbackUrl === undefined ? "no callback URL is set" : undefined);
  if (device === undefined && because === undefined) return undefined;
  const provider = await context.provider.get();
  if (provider.deviceAuthorizationEndpoint === undefined) {
    if (device === undefined) return undefined;
    throw new TdauthError(
      "invalid_options",
      `Cannot log in to ${provider.name} with a code on another device: it does not offer that`,
      { hint: { text: "log in with a browser:", command: ["login"] } },
    );
  }
  // Many servers offer it to all and allow it to few apps.
  const onRefused = (error: TdauthError) => context.log("debug", error.message);
  let attempts: ClientAttempts;
  let polls: ClientAttempts;
  try {
    attempts = await beginAttempts(context, provider, before, "device");
    polls = await beginAttempts(context, provider, before, "poll");
  } catch (error) {
    if (because === undefined || !(error instanceof TdauthError)) throw error;
    onRefused(error);
    return undefined;
  }
  const { deviceLogin } = await import("../login/device_login.ts");
  const request = (codes: CountedRequests) =>
    deviceLogin({
      ...context,
      ...codes,
      polls,
      ...(client !== undefined && { client }),
      provider,
      store,
      ...(because !== undefined && { because, onRefused }),
    });
  // No person is needed to come this far again, with tokens or without.
  const withoutTokens = true;
  return await rememberingClient(
    context,
    { step: "poll", attempts: polls, withoutTokens },
    () =>
      rememberingClient(
        context,
        { step: "device", attempts, withoutTokens },
        request,
      ),
  );
}

function otherLogin(who: string, timeout: number): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot log in: ${who} has been logging in for ${timeout} seconds`,
    { hint: "check for a hung or suspended tdauth process, and end it" },
  );
}

/**
 * Reads the stored tokens for a caller that is about to replace them, and so needs
 * nothing of damaged ones. A damaged file is set aside; the user hears where it is.
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
    // A store other than a disk's may have no place to set it aside.
    return await cache.load().catch((again) => {
      if (again instanceof TdauthError && again.code === "cache_corrupt") {
        return noTokens();
      }
      throw again;
    });
  }
}
