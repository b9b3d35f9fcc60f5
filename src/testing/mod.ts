/**
 * Tests for your own token store: whether it fulfills the contract of a
 * `TokenCache`, in any test framework.
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
  StoreTestOptions,
  StoreUnderTest,
} from "./store_under_test.ts";
