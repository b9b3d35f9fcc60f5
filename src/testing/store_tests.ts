import { expiryTests } from "./expiry_tests.ts";
import { fencingTests } from "./fencing_tests.ts";
import { keepingTests } from "./keeping_tests.ts";
import type { StoreTest } from "./store_under_test.ts";
import { turnTests } from "./turn_tests.ts";

/** Further properties of a {@linkcode TokenCache}. */
export interface StoreKind {
  /** Whether several processes use it, so that it must reject a late one; needs `endTurn`. @default {false} */
  readonly manyProcesses?: boolean;
  /** Whether it deletes expired texts; needs `advance`. @default {false} */
  readonly forgets?: boolean;
}

/**
 * Returns the tests that a store has to pass: what it keeps, how its users take
 * turns, what it rejects from an overtaken process, and when it deletes. They
 * need no test framework, and any will do.
 *
 * @param kind The properties of the store.
 * @returns The tests; each opens its own store and rejects when that is wrong.
 *
 * @example
 * ```ts
 * import { MemCache } from "@tdauth/tdauth";
 * import { storeTests } from "@tdauth/tdauth/testing";
 *
 * for (const { name, run } of storeTests()) {
 *   // in a test file: Deno.test(`MemCache ${name}`, () => run(open)), or it(…), test(…)
 *   await run(open);
 * }
 *
 * function open() {
 *   const store = new MemCache(); // your own
 *   return Promise.resolve({ store, sameStore: store });
 * }
 * ```
 */
export function storeTests(kind: StoreKind = {}): readonly StoreTest[] {
  return [
    ...keepingTests,
    ...turnTests,
    ...(kind.manyProcesses ? fencingTests : []),
    ...(kind.forgets ? expiryTests : []),
  ];
}
