import { type After, after as afterReal } from "./after.ts";

/** Aborts what takes too long; disposing it cancels the timer. */
export interface Deadline extends Disposable {
  /** Aborts when the time is over. */
  readonly signal: AbortSignal;
}

/** The edges of {@linkcode deadline}. */
export interface DeadlineOptions {
  /** The reason of the abort. @default {a `TimeoutError`} */
  readonly reason?: () => unknown;
  /** Timers. @default {the machine's} */
  readonly after?: After;
  /** A clock in milliseconds that goes on while the process is stopped. @default {performance.now} */
  readonly now?: () => number;
}

/** The longest single wait, in milliseconds. */
const SLICE = 1000;

/**
 * Starts a time limit for a response. It counts only the time in which this
 * process could have read the response: after a stop (Ctrl-Z) or the machine's
 * sleep the timer has expired at once, while a response that arrived in between
 * is still unread. Giving up then would request a token twice, and waste one.
 *
 * The time is counted in slices of a second, so that a stop of any length counts
 * as one of them, and there is another slice after a last one that took longer.
 *
 * @param milliseconds How long.
 * @param options The reason and the edges.
 * @returns The signal; disposing it cancels the timer.
 */
export function deadline(
  milliseconds: number,
  options: DeadlineOptions = {},
): Deadline {
  const { after = afterReal, now = () => performance.now() } = options;
  const { reason = timeoutError } = options;
  const end = new AbortController();
  let left = milliseconds;
  let spared = false;
  let forget = wait();
  return { signal: end.signal, [Symbol.dispose]: () => forget() };

  function wait(): () => void {
    const slice = Math.min(left, SLICE);
    const began = now();
    return after(slice, () => {
      left -= slice;
      if (left <= 0 && !spared && now() - began > slice + SLICE) {
        spared = true;
        left = SLICE;
      }
      if (left > 0) forget = wait();
      else end.abort(reason());
    });
  }
}

function timeoutError(): DOMException {
  return new DOMException("Signal timed out.", "TimeoutError");
}
