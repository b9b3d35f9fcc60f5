import type { ExclusiveWork, TokenCache } from "../cache/token_cache.ts";
import { within } from "./check.ts";

/** A store that is tested, and what a test may do to it. */
export interface StoreUnderTest extends Partial<AsyncDisposable> {
  /** The store; it is empty. */
  readonly store: TokenCache;
  /** Another object on the same store, as another process would have it; for a store of one object, that object. */
  readonly sameStore: TokenCache;
  /** The empty store of another account in the same place: the same file, database or server where one holds several. */
  readonly otherAccount: TokenCache;
  /**
   * Opens another object on the same store, whose locks outlive a process that died
   * by so many seconds: two, of which the tests wait for some.
   */
  readonly openWithLease?: (seconds: number) => Promise<TokenCache>;
  /**
   * Ends the turn that an object has, as if its process had been stopped
   * for longer than its lease: another one may take over, and the first does not know.
   */
  readonly endTurn?: (work: ExclusiveWork) => Promise<void>;
  /** Lets so many seconds pass by the store's clock. */
  readonly advance?: (seconds: number) => Promise<void>;
  /** Damages what is stored, or cuts the store off from it: no read can succeed any more. */
  readonly damage?: () => Promise<void>;
}

/** Opens an empty store. */
export type OpenStore = () => Promise<StoreUnderTest>;

/** Options of {@linkcode StoreTest.run}. */
export interface StoreTestOptions {
  /** How long, in seconds, the test may take; the longest needs about five. @default {20} */
  readonly timeout?: number;
}

/** A test of a store. */
export interface StoreTest {
  /** What the store does, as the end of a sentence that begins with its name. */
  readonly name: string;
  /**
   * Runs the test.
   *
   * @param open Opens the store.
   * @param options How long it may take.
   * @throws {Error} When the store does something else, or does not end.
   */
  readonly run: (open: OpenStore, options?: StoreTestOptions) => Promise<void>;
}

/**
 * Runs a test with a store, which is closed afterwards.
 *
 * @param test The test.
 * @param whyNot What is probably wrong where it does not end.
 * @returns What runs it.
 */
export function withStore(
  test: (under: StoreUnderTest) => Promise<void>,
  whyNot = "a turn is never had, or not released",
): StoreTest["run"] {
  return async (open, { timeout = 20 } = {}) => {
    const under = await open();
    try {
      await within(
        timeout,
        test(under),
        `the test has not ended after ${timeout} seconds; perhaps ${whyNot}`,
      );
    } finally {
      await under[Symbol.asyncDispose]?.();
    }
  };
}
