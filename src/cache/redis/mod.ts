/**
 * Tokens in Redis, for web applications with many users on many machines: one
 * refresh among all of them.
 *
 * @module
 */
export { RedisCache } from "./redis_cache.ts";
export type { RedisConnection } from "./redis_connection.ts";
export {
  connectRedis,
  type RedisOptions,
  type RedisStore,
} from "./redis_store.ts";
