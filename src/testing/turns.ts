import type { ExclusiveWork, TokenCache } from "../cache/token_cache.ts";

/** A turn that goes on until the test ends it. */
export interface HeldTurn {
  /** Ends the work; resolves when `exclusive` has. */
  readonly end: () => Promise<void>;
}

/**
 * Begins exclusive work that lasts until the test ends it.
 *
 * @param store Through which object.
 * @param work The kind of work.
 * @returns The turn, once the work has begun.
 */
export async function beginTurn(
  store: TokenCache,
  work: ExclusiveWork,
): Promise<HeldTurn> {
  const begun = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const turn = store.exclusive(work, () => {
    begun.resolve();
    return over.promise;
  });
  await Promise.race([begun.promise, turn]);
  turn.catch(() => {}); // a test that fails earlier does not wait for it
  return {
    end: async () => {
      over.resolve();
      await turn;
    },
  };
}

/** Exclusive work that may have to wait. */
export interface WaitingTurn {
  /** Whether the work has run. */
  readonly ran: () => boolean;
  /** Resolves when it has. */
  readonly over: Promise<void>;
}

/**
 * Asks for a turn, and does not wait for it.
 *
 * @param store Through which object.
 * @param work The kind of work.
 * @returns The turn.
 */
export function askForTurn(
  store: TokenCache,
  work: ExclusiveWork,
): WaitingTurn {
  let ran = false;
  const over = store.exclusive(work, () => {
    ran = true;
    return Promise.resolve();
  });
  over.catch(() => {});
  return { ran: () => ran, over };
}
