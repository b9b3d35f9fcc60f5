import type { ExclusiveWork, TokenCache } from "../cache/token_cache.ts";

/** A store that is tested, and what a test may do to it. */
export interface StoreUnderTest extends Partial<AsyncDisposable> {
  /** The store; it is empty. */
  readonly store: TokenCache;
  /** Another object on the same store, as another process would have it; for a store of one object, that object. */
  readonly sameStore: TokenCache;
  /**
   * Ends the turn that is had through `store`, as if its process had been stopped
   * for longer than its lease: another one may take over, and the first does not know.
   */
  readonly endTurn?: (work: ExclusiveWork) => Promise<void>;
  /** Lets so many seconds pass by the store's clock. */
  readonly advance?: (seconds: number) => Promise<void>;
}

/** Opens an empty store. */
export type OpenStore = () => Promise<StoreUnderTest>;

/** A test of a store. */
export interface StoreTest {
  /** What the store does, as the end of a sentence that begins with its name. */
  readonly name: string;
  /**
   * Runs the test.
   *
   * @param open Opens the store.
   * @throws {Error} When the store does something else.
   */
  readonly run: (open: OpenStore) => Promise<void>;
}

/** Runs a test with a store, which is closed afterwards. */
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
