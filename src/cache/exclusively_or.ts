import { TdauthError } from "../base/errors.ts";
import type { Tokens } from "../token/token.ts";
import type { StoredTokens } from "./stored_tokens.ts";
import {
  type LockedCache,
  type LockTimeoutOptions,
  withLockTimeout,
} from "./with_lock_timeout.ts";

/**
 * Stores the tokens of a login under the refresh lock: a refresh in progress must
 * not overwrite them with old ones. If the lock is unavailable, as while Redis is
 * away, the cache gets them anyway: no other process has them, and it may queue
 * them until it can store them.
 *
 * @param cache The cache.
 * @param tokens The tokens.
 * @param onWait Hears which process keeps them waiting, after a second.
 * @throws {TdauthError} When they are not stored yet.
 */
export async function storeTokens(
  cache: StoredTokens,
  tokens: Tokens,
  onWait: (who: string) => void,
): Promise<void> {
  const store = () => cache.save(tokens, "login");
  await exclusivelyOr(cache, store, store, {
    timeout: Infinity, // no other process has these tokens
    onTimeout: (who) => new Error(who),
    onWait,
  });
}

/**
 * Runs work under the refresh lock, and a fallback if the lock is unavailable.
 *
 * @param cache The cache of the lock.
 * @param run The work.
 * @param otherwise The fallback, without the lock.
 * @param options How long to wait for the lock. Neither runs when its signal ends the wait.
 * @returns What either of them returns.
 * @throws What either of them throws, or the signal's reason.
 */
export async function exclusivelyOr<T>(
  cache: LockedCache,
  run: () => Promise<T>,
  otherwise: (error: TdauthError) => Promise<T>,
  options: LockTimeoutOptions,
): Promise<T> {
  let began = false;
  try {
    return await withLockTimeout(cache, "refresh", () => {
      began = true;
      return run();
    }, options);
  } catch (error) {
    const noTurn = !began && !options.signal?.aborted &&
      error instanceof TdauthError;
    if (noTurn) return await otherwise(error);
    throw error;
  }
}
