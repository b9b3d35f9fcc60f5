/**
 * Tokens in Redis, for web applications with many users on many machines: one
 * refresh among all of them.
 *
 * @module
 */
export {
  connectRedis,
  type RedisOptions,
  type RedisStore,
} from "./redis_store.ts";
