import { expiryTests } from "./expiry_tests.ts";
import { failureTests } from "./failure_tests.ts";
import { fencingTests } from "./fencing_tests.ts";
import { keepingTests } from "./keeping_tests.ts";
import { leaseTests } from "./lease_tests.ts";
import type { StoreTest } from "./store_under_test.ts";
import { turnTests } from "./turn_tests.ts";

/** What a store is, beside a {@linkcode TokenCache}. */
export interface StoreKind {
  /** Whether several processes use it, so that one that is late must be refused; needs `endTurn` and `openWithLease`. @default {false} */
  readonly manyProcesses?: boolean;
  /** Whether it forgets texts that have expired; needs `advance`. @default {false} */
  readonly forgets?: boolean;
  /** Whether what it holds may be damaged or out of reach, so that a read must fail; needs `damage`. @default {false} */
  readonly canFail?: boolean;
}

/**
 * Lists the tests that a store has to pass: what it keeps, how those who use it take
 * turns, what it refuses from a process that was overtaken, and when it forgets.
 * They need no test framework, and any will do.
 *
 * @param kind What the store is.
 * @returns The tests; each opens a store of its own and rejects when that is wrong.
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
 *   return Promise.resolve({ store, sameStore: store, otherAccount: new MemCache() });
 * }
 * ```
 */
export function storeTests(kind: StoreKind = {}): readonly StoreTest[] {
  return [
    ...keepingTests,
    ...turnTests,
    ...(kind.manyProcesses ? [...leaseTests, ...fencingTests] : []),
    ...(kind.forgets ? expiryTests : []),
    ...(kind.canFail ? failureTests : []),
  ];
}
