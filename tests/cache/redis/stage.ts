/** Redis, connections to it, and caches on them, plain and sealed. */
import assert from "node:assert/strict";
import {
  AccessToken,
  rawKey,
  RefreshToken,
  SealedCache,
  TdauthError,
  type TokenCache,
  type Tokens,
} from "../../../mod.ts";
import { StoredTokens } from "../../../src/cache/stored_tokens.ts";
import {
  connectRedis,
  type RedisOptions,
} from "../../../src/cache/redis/mod.ts";
import { type RedisServer, redisTest, startRedis } from "./redis_server.ts";

/** The clock of the caches, in seconds; it stands still. */
export const NOW = 1_700_000_000;
const now = () => NOW * 1000;

/** Tokens that are told apart by a name. */
export function tokens(name: string, more: Partial<Tokens> = {}): Tokens {
  const token = (kind: string, expiresIn: number) => ({
    token: `${kind}-${name}`,
    accessTime: NOW,
    expiresIn,
  });
  return {
    accessToken: new AccessToken(token("A", 1800), now),
    refreshToken: new RefreshToken(token("R", 604_800), now),
    ...more,
  };
}

/** The tokens in a cache, as the program sees them. */
export function tokensIn(cache: TokenCache): StoredTokens {
  return new StoredTokens(cache, { now });
}

/** The name of the refresh token that a cache holds; `undefined` when it holds none. */
export async function stored(cache: TokenCache): Promise<string | undefined> {
  return (await tokensIn(cache).load()).refreshToken.token?.slice("R-".length);
}

/** A process of an application: its connection, and what its caches are. */
export interface Process {
  cacheFor(user: string): TokenCache;
  close(): Promise<void>;
}

/** Redis, and processes that use it. */
export interface Stage extends AsyncDisposable {
  readonly redis: RedisServer;
  /** One process. */
  readonly store: Process;
  /** What its connection said. */
  readonly messages: readonly string[];
  /** Another process, with other options if need be. */
  connect(more?: Partial<RedisOptions>): Promise<Process>;
}

/** Starts Redis. */
export async function stage(
  options: Partial<RedisOptions> = {},
  { durable = false, sealed = false } = {},
): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis(durable));
  const key = rawKey(btoa("k".repeat(32)));
  const messages: string[] = [];
  const log = (message: string) => void messages.push(message);
  const connect = async (more: Partial<RedisOptions> = {}) => {
    const { url } = redis;
    const store = all.use(
      await connectRedis({ url, now, log, ...options, ...more }),
    );
    return {
      close: store.close,
      cacheFor: (user: string) => {
        const cache = store.cacheFor(user);
        return sealed ? new SealedCache(cache, key) : cache;
      },
    };
  };
  const all = stack.move();
  return {
    redis,
    messages,
    connect,
    store: await connect(),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A test over a RedisCache, and over one with sealed tokens. */
export function eachCacheTest(
  name: string,
  fn: (sealed: boolean) => Promise<void>,
): void {
  redisTest(`RedisCache ${name}`, () => fn(false));
  redisTest(`SealedCache in Redis ${name}`, () => fn(true));
}

/** A turn that a process has, and what it does in it when it is told to. */
export async function turn(
  cache: TokenCache,
): Promise<{ readonly end: () => Promise<void> }> {
  const entered = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const over = cache.exclusive("refresh", () => {
    entered.resolve();
    return end.promise;
  });
  await Promise.race([entered.promise, over]);
  return {
    end: async () => {
      end.resolve();
      await over;
    },
  };
}

/** Waits until something holds; a Redis that is not back yet is no failure. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 120_000;
  const holds = () =>
    condition().catch((error) => {
      if (error instanceof TdauthError && error.code === "cache_unreadable") {
        return false;
      }
      throw error;
    });
  while (!await holds()) {
    assert.ok(performance.now() < deadline, "it never came to pass");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
