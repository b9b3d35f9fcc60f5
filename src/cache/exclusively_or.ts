import { TdauthError } from "../base/errors.ts";
import type { Tokens } from "../token/token.ts";
import type { StoredTokens } from "./stored_tokens.ts";
import type { TokenCache } from "./token_cache.ts";

/**
 * Stores the tokens of a login, in turn with the refreshes: one that is under way
 * must not write old tokens over these. Where no turn is to be had, as while Redis
 * is away, the cache gets them all the same: no other process has them, and it may keep
 * them until it can store them.
 *
 * @param cache The cache.
 * @param tokens The tokens.
 * @throws {TdauthError} Why they are not stored yet.
 */
export async function storeTokens(
  cache: StoredTokens,
  tokens: Tokens,
): Promise<void> {
  const store = () => cache.save(tokens, "login");
  await exclusivelyOr(cache, store, store);
}

/**
 * Runs work in turn with the refreshes, and something else where no turn is to be had.
 *
 * @param cache Whose turn it is about.
 * @param run The work.
 * @param otherwise What is done without a turn.
 * @param signal Ends the wait for the turn; nothing is done then.
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
