import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
} from "./token_cache.ts";

/** How long to wait for one's turn. */
export interface PatienceOptions extends ExclusiveOptions {
  /** Seconds. */
  readonly patience: number;
  /** Makes the error when that is over. */
  readonly late: () => Error;
}

/** The longest timer there is, in milliseconds: a longer one would fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Runs exclusive work, unless others do not let one have a turn in time.
 *
 * @param cache Whose turn it is about.
 * @param work The kind of work.
 * @param run The work; it may take as long as it needs.
 * @param options How long to wait, and what ends the wait.
 * @returns What the work returns.
 * @throws What `late` makes, the signal's reason, or what the work throws.
 */
export async function withPatience<T>(
  cache: TokenCache,
  work: ExclusiveWork,
  run: () => Promise<T>,
  { patience, late, signal }: PatienceOptions,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(late()),
    Math.min(patience * 1000, LONGEST_TIMER),
  );
  try {
    return await cache.exclusive(work, () => {
      clearTimeout(timer);
      return run();
    }, {
      signal: signal
        ? AbortSignal.any([signal, deadline.signal])
        : deadline.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}
