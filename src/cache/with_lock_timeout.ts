import { deadline } from "../base/deadline.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
} from "./token_cache.ts";

/** How long to wait for the lock. */
export interface LockTimeoutOptions extends ExclusiveOptions {
  /** Seconds. */
  readonly timeout: number;
  /** Creates the error after that. */
  readonly onTimeout: () => Error;
}

/**
 * Runs exclusive work, unless the lock is not free in time.
 *
 * @param cache The cache of the lock.
 * @param work The kind of work.
 * @param run The work; it may take as long as it needs.
 * @param options How long to wait, and what ends the wait.
 * @returns What the work returns.
 * @throws The error of `onTimeout`, the signal's reason, or what the work throws.
 */
export async function withLockTimeout<T>(
  cache: Pick<TokenCache, "exclusive">,
  work: ExclusiveWork,
  run: () => Promise<T>,
  { timeout, onTimeout, signal }: LockTimeoutOptions,
): Promise<T> {
  using limit = deadline(timeout * 1000, { reason: onTimeout });
  return await cache.exclusive(work, () => {
    limit[Symbol.dispose]();
    return run();
  }, {
    signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
  });
}
