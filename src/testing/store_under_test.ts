import type { ExclusiveWork, TokenCache } from "../cache/token_cache.ts";

/** A store under test, and what a test may do to it. */
export interface StoreUnderTest extends Partial<AsyncDisposable> {
  /** The store; it is empty. */
  readonly store: TokenCache;
  /** Another object on the same store, as another process would use; for a store of one object, that object. */
  readonly sameStore: TokenCache;
  /**
   * Ends the turn of `store`, as if its process had been suspended for longer
   * than its lease: another one may take over, and the first does not know.
   */
  readonly endTurn?: (work: ExclusiveWork) => Promise<void>;
  /** Advances the store's clock by some seconds. */
  readonly advance?: (seconds: number) => Promise<void>;
}

/** Opens an empty store. */
export type OpenStore = () => Promise<StoreUnderTest>;

/** A test of a store. */
export interface StoreTest {
  /** What the store does, as a sentence without its subject, the store. */
  readonly name: string;
  /**
   * Runs the test.
   *
   * @param open Opens the store.
   * @throws {Error} When the store behaves differently.
   */
  readonly run: (open: OpenStore) => Promise<void>;
}

/** Runs a test with a store, and closes it afterwards. */
export function withStore(
  test: (under: StoreUnderTest) => Promise<void>,
): StoreTest["run"] {
  return async (open) => {
    const under = await open();
    try {
      await test(under);
    } finally {
      await under[Symbol.asyncDispose]?.();
    }
  };
}
