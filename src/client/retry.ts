import { delay } from "../base/delay.ts";
import { TdauthError } from "../base/errors.ts";
import { TransientError } from "../oauth/broker_fetch.ts";

/** How transient errors are handled. */
export interface RetryOptions {
  /** The number of attempts, including the first. @default {3} */
  readonly tries?: number;
  /** Whether a request that timed out may be sent again: it may have been processed. @default {true} */
  readonly afterTimeout?: boolean;
  /** Whether another request may be sent at all. @default {as often as tries says} */
  readonly mayRetry?: () => boolean;
  /** Ends the pauses. */
  readonly signal?: AbortSignal;
  /** A number from 0 to 1, evenly spread. @default {Math.random} */
  readonly random?: () => number;
  /** Waits for so many milliseconds. @default {a timer} */
  readonly sleep?: (
    milliseconds: number,
    signal?: AbortSignal,
  ) => Promise<void>;
}

/** The maximum first delay, in milliseconds; it doubles with each retry. */
const FIRST_PAUSE = 500;
/** The maximum delay that is granted to a broker's `Retry-After`, in seconds. */
const LONGEST_RETRY_AFTER = 10;

/**
 * Runs a request again after a transient error: an exponential
 * backoff with full jitter, or the pause that the broker asks for (RFC 9110
 * §10.2.3). A request whose answer was lost is not sent again here, for the
 * broker may have acted on it.
 *
 * @param run The request.
 * @param options How often, and the edges.
 * @returns The request's result.
 * @throws What the last try threw.
 */
export async function withRetries<T>(
  run: () => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { tries = 3, random = Math.random, sleep = delay, signal } = options;
  const { afterTimeout = true, mayRetry = () => true } = options;
  for (let made = 1;; made++) {
    try {
      return await run();
    } catch (error) {
      const cause = transient(error);
      if (cause === undefined || cause.lost || made >= tries) throw error;
      if (!mayRetry()) throw error;
      if (cause.timedOut && !afterTimeout) throw error;
      if (cause.problem === "proxy password") throw error; // it will not change its mind
      const asked = cause.retryAfter;
      if (asked !== undefined && asked > LONGEST_RETRY_AFTER) throw error;
      const jitter = random() * FIRST_PAUSE * 2 ** (made - 1);
      await sleep(asked === undefined ? jitter : asked * 1000 + jitter, signal);
    }
  }
}

/** Returns the transient error that is an error's cause, if any. */
export function transient(error: unknown): TransientError | undefined {
  const is = error instanceof TdauthError &&
    error.code === "broker_unavailable";
  return is && error.cause instanceof TransientError ? error.cause : undefined;
}
