import { type After, after as afterReal } from "./after.ts";

/** Ends something that takes too long; disposed of, it does so no more. */
export interface Deadline extends Disposable {
  /** Is aborted when the time is over. */
  readonly signal: AbortSignal;
}

/** The edges of {@linkcode deadline}. */
export interface DeadlineOptions {
  /** What the signal is aborted with. @default {a `TimeoutError`} */
  readonly reason?: () => unknown;
  /** Timers. @default {the machine's own} */
  readonly after?: After;
  /** A clock in milliseconds that goes on while the process is stopped. @default {performance.now} */
  readonly now?: () => number;
}

/** What is waited at once, in milliseconds. */
const SLICE = 1000;

/**
 * Starts a limit for an answer. It counts the time in which this process could
 * have taken the answer: one that was stopped (Ctrl-Z), or whose machine slept,
 * finds the timer over as soon as it goes on, with an answer that came meanwhile
 * still unread. To give up then would ask for a token twice, and waste one.
 *
 * The time is counted in slices of a second, so that a stop of any length counts
 * as one of them, and there is another slice after a last one that took longer.
 *
 * @param milliseconds How long.
 * @param options The reason and the edges.
 * @returns The signal, and what forgets it.
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
