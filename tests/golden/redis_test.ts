/** What tdauth wrote into Redis at commit c2180da is read as it is, and what is written over it is read by that code. */
import assert from "node:assert/strict";
import {
  authorize,
  type AuthorizeOptions,
  rawKey,
  SealedCache,
  type Token,
  type TokenCache,
} from "@tdauth/tdauth";
import { connectRedis } from "@tdauth/tdauth/redis";
import { startSandbox } from "@tdauth/tdauth/sandbox";
import {
  type RedisServer,
  redisTest,
  startRedis,
} from "../cache/redis/redis_server.ts";
import { failsWith } from "../support.ts";
import { loadOld, type OldCache } from "./old.ts";
import { APP, assertSame, KEYS, LATER, NOW, SECRET, written } from "./place.ts";

/** What was in Redis: by key the value, and the seconds that it is kept. */
type State = Readonly<
  Record<
    string,
    { readonly value: Hash | string; readonly ttl: number }
  >
>;
type Hash = Readonly<Record<string, string>>;
const states = written("redis.json") as Readonly<Record<string, State>>;
const now = () => LATER * 1000;

/** A Redis with what was in one then. */
async function restored(name: string): Promise<RedisServer> {
  const redis = await startRedis();
  for (const [key, { value, ttl }] of Object.entries(states[name] ?? {})) {
    await (typeof value === "string"
      ? redis.command("SET", key, value)
      : redis.command("HSET", key, ...Object.entries(value).flat()));
    await redis.command("EXPIRE", key, String(ttl));
  }
  return redis;
}

/** Everything in it. */
async function dump(redis: RedisServer): Promise<Record<string, unknown>> {
  const keys = await redis.command("KEYS", "*");
  assert.ok(Array.isArray(keys));
  const values = await Promise.all(
    keys.sort().map(async (key) => {
      const isHash = await redis.command("TYPE", key) === "hash";
      return [key, {
        value: {
          ...await redis.command(isHash ? "HGETALL" : "GET", key) as Hash,
        },
        ttl: Number(await redis.command("TTL", key)),
      }] as const;
    }),
  );
  return Object.fromEntries(values);
}

/** What a script of today's code does with a cache; the broker is not there unless `more` has it. */
function authorized(
  cache: TokenCache,
  more: AuthorizeOptions = {},
): ReturnType<typeof authorize> {
  return authorize({
    provider: "schwab",
    consumerKey: APP,
    consumerSecret: SECRET,
    cache,
    interactive: false,
    now,
    log: () => {},
    fetch: () => Promise.reject(new Error("nothing is to be sent")),
    ...more,
  });
}

/** A broker that refreshes. */
const broker = () =>
  Promise.resolve(Response.json({
    access_token: "CANARY-golden-access-new",
    refresh_token: "CANARY-golden-refresh-new",
    expires_in: 1800,
    token_type: "Bearer",
  }));

const all = ({ token, accessTime, expiresIn }: Token) => [
  token,
  accessTime,
  expiresIn,
];

const SEALED = "sealed by a key";
/** Each state with tokens: the user's name, and that of the tokens. */
const READ: readonly (readonly [state: string, user: string, name: string])[] =
  [
    ["after a login", "user", "redis-login"],
    ["in a turn to refresh", "user", "redis-refresh"],
    ["a user with another name", "é/{a} b", "redis-named"],
    [SEALED, "user", "redis-sealed"],
  ];

function cacheOf(state: string, cache: TokenCache): TokenCache {
  if (state !== SEALED) return cache;
  return new SealedCache(cache, rawKey(KEYS.key), { name: "user" });
}

/** The tokens of a user as the code of c2180da reads them. */
async function oldReads(redis: RedisServer, state: string, user: string) {
  const old = await loadOld();
  await using store = await old.connectRedis({ url: redis.url, now });
  const plain = store.cacheFor(user);
  const cache: OldCache = state === SEALED
    ? new old.SealedCache(plain, old.rawKey(KEYS.key), { name: user, now })
    : plain;
  return await cache.load();
}

for (const [state, user, name] of READ) {
  redisTest(
    `authorize() reads what c2180da left in Redis, ${state}, and changes nothing; c2180da reads what a refresh makes of it`,
    async () => {
      await using redis = await restored(state);
      const before = await dump(redis);
      const hash = `tdauth:{${encodeURIComponent(user)}}:tokens`;
      const lock = `tdauth:{${encodeURIComponent(user)}}:refresh`;
      assert.ok(hash in before, "it was restored");
      await using store = await connectRedis({ url: redis.url, now });
      const cache = cacheOf(state, store.cacheFor(user));
      const td = await authorized(cache);
      assertSame(all(td.accessToken), [
        `CANARY-golden-access-${name}`,
        NOW,
        1800,
      ], "another access token");
      assertSame(all(td.refreshToken), [
        `CANARY-golden-refresh-${name}`,
        NOW,
        604_800,
      ], "another refresh token");
      const after = await dump(redis);
      const values = (dumped: Record<string, unknown>) =>
        Object.entries(dumped).map(([key, one]) => [
          key,
          (one as { value: unknown }).value,
        ]);
      assertSame(values(after), values(before), "reading changed something");

      // Its process is gone: the lock ends with its lease, and it may have had new tokens in hand.
      const held = lock in before;
      if (held) await redis.command("PEXPIRE", lock, "1000");
      const start = performance.now();
      const asked = await authorized(cache, { fetch: broker });
      await asked.refresh();
      const waited = performance.now() - start;
      // The rest of its lease, and two seconds in which it might store them.
      assert.ok(!held || waited > 2500, `it waited ${Math.round(waited)} ms`);

      const { accessToken, refreshToken } = await oldReads(redis, state, user);
      assert.ok(accessToken.token === "CANARY-golden-access-new");
      assert.ok(refreshToken.token === "CANARY-golden-refresh-new");
      const { [hash]: one, ...others } = await dump(redis);
      assert.deepEqual(Object.keys(others), [], "nothing is beside them");
      const { value, ttl } = one as { value: Hash; ttl: number };
      assert.deepEqual(
        Object.keys(value).sort(),
        [
          ...state === "after a login" ? ["began"] : [],
          ...["fence", "issued", "tokens"],
        ],
      );
      const { value: was } = before[hash] as { value: Hash };
      assert.ok(Number(value["fence"]) > Number(was["fence"]));
      assert.ok(Math.abs(ttl - (604_800 - 60)) < 30, `it is kept for ${ttl} s`);
    },
  );
}

redisTest(
  "authorize() finds no tokens where c2180da logged a user out, and a login gets a later fence",
  async () => {
    await using redis = await restored("after a logout");
    const hash = "tdauth:{user}:tokens";
    const fence = async () =>
      Number(await redis.command("HGET", hash, "fence"));
    const before = await fence();
    assert.ok(before > 0, "it was restored");
    await using store = await connectRedis({ url: redis.url });
    const cache = store.cacheFor("user");
    await failsWith("login_needed", authorized(cache));
    await using sandbox = await startSandbox({
      broker: "tdameritrade",
      callbackUrl: "http://127.0.0.1:0",
    });
    const td = await authorize({
      ...sandbox.app,
      sandbox: sandbox.url,
      cache,
      openUrl: (url) => sandbox.approve(url),
      log: () => {},
    });
    assert.ok(await fence() > before);
    const { accessToken } = await oldReads(redis, "after a logout", "user");
    assert.ok(accessToken.token === td.accessToken.token);
  },
);
