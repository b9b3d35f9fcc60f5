import { deadline } from "../base/deadline.ts";
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
  cache: Pick<TokenCache, "exclusive">,
  work: ExclusiveWork,
  run: () => Promise<T>,
  { patience, late, signal }: PatienceOptions,
): Promise<T> {
  using limit = deadline(patience * 1000, { reason: late });
  return await cache.exclusive(work, () => {
    limit[Symbol.dispose]();
    return run();
  }, {
    signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
  });
}
