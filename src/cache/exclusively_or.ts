import { TdauthError } from "../base/errors.ts";
import type { Tokens } from "../token/token.ts";
import type { StoredTokens } from "./stored_tokens.ts";
import type { TokenCache } from "./token_cache.ts";

/**
 * Stores the tokens of a login under the refresh lock: a refresh in progress must
 * not overwrite them with old ones. If the lock is unavailable, as while Redis is
 * away, the cache gets them anyway: no other process has them, and it may queue
 * them until it can store them.
 *
 * @param cache The cache.
 * @param tokens The tokens.
 * @throws {TdauthError} When they are not stored yet.
 */
export async function storeTokens(
  cache: StoredTokens,
  tokens: Tokens,
): Promise<void> {
  const store = () => cache.save(tokens, "login");
  await exclusivelyOr(cache, store, store);
}

/**
 * Runs work under the refresh lock, and a fallback if the lock is unavailable.
 *
 * @param cache The cache of the lock.
 * @param run The work.
 * @param otherwise The fallback, without the lock.
 * @param signal Ends the wait for the lock; neither runs then.
 * @returns What either of them returns.
 * @throws What either of them throws, or the signal's reason.
 */
export async function exclusivelyOr<T>(
  cache: Pick<TokenCache, "exclusive">,
  run: () => Promise<T>,
  otherwise: (error: TdauthError) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let began = false;
  try {
    return await cache.exclusive("refresh", () => {
      began = true;
      return run();
    }, signal === undefined ? {} : { signal });
  } catch (error) {
    const noTurn = !began && !signal?.aborted && error instanceof TdauthError;
    if (noTurn) return await otherwise(error);
    throw error;
  }
}
