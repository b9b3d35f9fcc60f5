import { type After, after as afterReal } from "../base/after.ts";
import { delay } from "../base/delay.ts";
import { TdauthError } from "../base/errors.ts";
import { TransientError } from "../oauth/broker_fetch.ts";
import { checkClient } from "../oauth/client.ts";
import {
  codeExpired,
  type DeviceCode,
  deviceCode,
  pollDevice,
} from "../oauth/device_grant.ts";
import type { ClientAttempts } from "../oauth/client_attempts.ts";
import type { Grant } from "../oauth/grant.ts";
import { tokensFromGrant } from "../oauth/tokens_from_grant.ts";
import type { Tokens } from "../token/token.ts";
import { cancelled, timeText } from "./login_end.ts";
import type { LoginOptions } from "./login_options.ts";

/** Options of {@linkcode deviceLogin}. */
export interface DeviceLoginOptions extends
  Pick<
    LoginOptions,
    | "provider"
    | "app"
    | "loginTimeout"
    | "store"
    | "onEvent"
    | "log"
    | "now"
    | "fetch"
    | "signal"
    | "client"
    | "attempts"
    | "onRejected"
  > {
  /** Why there is no login in a browser here, for the user. @default {the user asked for a code} */
  readonly because?: string;
  /** Receives why the provider issued no code, where a login in a browser takes its place. @default {that is an error} */
  readonly onRefused?: (error: TdauthError) => void;
  /** Counts the polls; `attempts` counts the requests for a code. @default {each counts for itself} */
  readonly polls?: ClientAttempts;
  /** Waits for so many milliseconds. @default {a timer} */
  readonly sleep?: (
    milliseconds: number,
    signal?: AbortSignal,
  ) => Promise<void>;
  /** The timer of the whole login. @default {the machine's} */
  readonly after?: After;
}

/** What a `slow_down` adds to the time between two polls, in seconds (RFC 8628 §3.5). */
const SLOWER = 5;
/** The maximum time between two polls while the provider cannot be reached, in seconds. */
const LONGEST_PAUSE = 60;

/**
 * Lets the user log in on another device (RFC 8628): this one shows a code and a
 * page, and polls until the code was entered there.
 *
 * @param options The provider, which has a device authorization endpoint, the app and the edges.
 * @returns The tokens, which `store` has stored; `undefined` after `onRefused`.
 * @throws {TdauthError} `login_denied`, `login_timeout`, `login_cancelled`, `login_failed`,
 * `invalid_options`, `invalid_client`, `broker_unavailable` or `unexpected_answer`.
 */
export async function deviceLogin(
  options: DeviceLoginOptions,
): Promise<Tokens | undefined> {
  try {
    return await loginOnce(options);
  } catch (error) {
    if (error instanceof TdauthError) {
      options.onEvent({ type: "failed", error });
    }
    throw error;
  }
}

async function loginOnce(
  options: DeviceLoginOptions,
): Promise<Tokens | undefined> {
  const { provider, app, signal, after = afterReal } = options;
  checkClient(provider, app);
  const end = new AbortController();
  const cancel = () => end.abort(cancelled(provider, signal?.reason));
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  let stopTimer = () => {};
  try {
    const { fetch, now } = options;
    const edges = { fetch, signal: end.signal, now };
    const code = await issuedCode(options, edges);
    if (code === undefined) return undefined;
    stopTimer = after(
      lifetime(options, code) * 1000,
      () => end.abort(timedOut(options, code)),
    );
    options.onEvent({
      type: "device",
      broker: provider.name,
      userCode: code.userCode,
      verificationUri: code.verificationUri,
      ...(code.verificationUriComplete !== undefined && {
        verificationUriComplete: code.verificationUriComplete,
      }),
      deadline: Date.now() +
        Math.min(options.loginTimeout, code.expiresIn) * 1000,
      ...(options.because !== undefined && { because: options.because }),
    });
    const { grant, askedAt } = await granted(options, code, edges);
    const tokens = tokensFromGrant(provider, grant, {
      askedAt,
      consumerKey: app.consumerKey,
      now: options.now,
      log: options.log,
    });
    await options.store(tokens);
    options.onEvent({ type: "done" });
    return tokens;
  } catch (error) {
    if (end.signal.aborted) throw end.signal.reason;
    throw error;
  } finally {
    stopTimer();
    signal?.removeEventListener("abort", cancel);
  }
}

type Edges = {
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
  readonly now: () => number;
};

async function issuedCode(
  options: DeviceLoginOptions,
  edges: Edges,
): Promise<DeviceCode | undefined> {
  const { provider, app, onRefused } = options;
  edges.signal.throwIfAborted();
  try {
    return await deviceCode(provider, app, { ...options, ...edges });
  } catch (error) {
    if (
      onRefused === undefined || edges.signal.aborted ||
      !(error instanceof TdauthError)
    ) throw error;
    onRefused(error);
    return undefined;
  }
}

/** Polls until the user has decided, never more often than the provider allows. */
async function granted(
  options: DeviceLoginOptions,
  code: DeviceCode,
  edges: Edges,
): Promise<{ grant: Grant; askedAt: number }> {
  const { provider, app, now, sleep = delay } = options;
  let { interval } = code;
  let failures = 0;
  let retryAfter = 0;
  for (;;) {
    // RFC 8628 §3.5 asks for an exponential backoff after a connection that timed out.
    const backoff = Math.min(interval * 2 ** failures, LONGEST_PAUSE);
    await sleep(Math.max(interval, backoff, retryAfter) * 1000, edges.signal);
    retryAfter = 0;
    const askedAt = now();
    try {
      const answer = await pollDevice(provider, app, code.deviceCode, {
        ...edges,
        client: code.client,
        ...(options.polls && { attempts: options.polls }),
      });
      failures = 0;
      if (answer === "slow_down") interval += SLOWER;
      else if (answer !== "authorization_pending") {
        return { grant: answer, askedAt };
      }
    } catch (error) {
      if (
        edges.signal.aborted || !(error instanceof TdauthError) ||
        error.code !== "broker_unavailable"
      ) throw error;
      const cause = error.cause instanceof TransientError
        ? error.cause
        : undefined;
      retryAfter = cause?.retryAfter ?? 0;
      // Auth0 says slow_down with this status.
      if (cause?.status === 429) interval += SLOWER;
      else if (++failures === 1) {
        options.onEvent({ type: "retrying", message: error.message });
      }
    }
  }
}

/** How long to poll, in seconds; the provider has the last word on whether the code has expired. */
function lifetime(
  { loginTimeout }: DeviceLoginOptions,
  { expiresIn, interval }: DeviceCode,
): number {
  return Math.min(loginTimeout, expiresIn + interval);
}

function timedOut(
  { provider, loginTimeout }: DeviceLoginOptions,
  { expiresIn }: DeviceCode,
): TdauthError {
  if (loginTimeout >= expiresIn) return codeExpired(provider);
  return new TdauthError(
    "login_timeout",
    `Cannot log in to ${provider.name}: the login timed out after ${
      timeText(loginTimeout)
    }`,
    { hint: { text: "more time:", command: ["login", "--timeout", "10m"] } },
  );
}
