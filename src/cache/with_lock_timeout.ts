import { deadline } from "../base/deadline.ts";
import { holderText, type LockHolder } from "../system/lock_holder.ts";
import type { ExclusiveWork, TokenCache } from "./token_cache.ts";

/** A cache, as far as its locks go. */
export interface LockedCache extends Pick<TokenCache, "exclusive"> {
  /** Asks the user what the work will need; the lock is taken after that, and the time for it begins. */
  readonly askFirst?: () => Promise<void>;
}

/** How long to wait for the lock. */
export interface LockTimeoutOptions {
  /** Seconds. */
  readonly timeout: number;
  /** Creates the error after that. `who` is the holder in words, as for `onWait`. */
  readonly onTimeout: (who: string) => Error;
  /** Called once when another process has kept this one waiting for a second: `another process (tdauth login, process 123)`. */
  readonly onWait?: (who: string) => void;
  /** Ends the wait, with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Runs exclusive work, unless the lock is not free in time.
 *
 * @param cache The cache of the lock.
 * @param work The kind of work.
 * @param run The work; it may take as long as it needs.
 * @param options How long to wait, what people are told meanwhile, and what ends the wait.
 * @returns What the work returns.
 * @throws The error of `onTimeout`, the signal's reason, or what the work throws.
 */
export async function withLockTimeout<T>(
  cache: LockedCache,
  work: ExclusiveWork,
  run: () => Promise<T>,
  { timeout, onTimeout, onWait, signal }: LockTimeoutOptions,
): Promise<T> {
  await cache.askFirst?.();
  let last: LockHolder | undefined;
  let tell = onWait;
  using limit = deadline(timeout * 1000, {
    reason: () => onTimeout(holderText(last)),
  });
  return await cache.exclusive(work, () => {
    limit[Symbol.dispose]();
    return run();
  }, {
    signal: signal ? AbortSignal.any([signal, limit.signal]) : limit.signal,
    onWait: (holder) => {
      last = holder;
      tell?.(holderText(holder));
      tell = undefined;
    },
  });
}

/**
 * Returns what people are told of a wait for the stored tokens.
 *
 * @param who The holder of their lock, in words.
 * @returns The message.
 */
export function waitingFor(who: string): string {
  return `${who} is using the stored tokens; waiting for it`;
}
