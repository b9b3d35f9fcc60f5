/**
 * Tests for a store of tokens of your own: whether it keeps what a `TokenCache`
 * promises, in any test framework.
 *
 * @module
 */
export type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
  WriteKind,
  WriteOptions,
} from "../cache/token_cache.ts";
export { type StoreKind, storeTests } from "./store_tests.ts";
export type {
  OpenStore,
  StoreTest,
  StoreUnderTest,
} from "./store_under_test.ts";
