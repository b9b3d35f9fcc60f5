import assert from "node:assert/strict";
import {
  AccessToken,
  noTokens,
  rawKey,
  RefreshToken,
  SealedCache,
  type Tokens,
} from "../../mod.ts";
import { connectRedis, type RedisOptions } from "../../src/redis/mod.ts";
import { testTokenCache } from "../cache/token_cache_contract.ts";
import { failsWith, reservePort } from "../support.ts";
import { hasRedis, redisTest, startRedis } from "./redis_server.ts";

const NOW = 1_700_000_000;
const tokens = (name: string, more: Partial<Tokens> = {}): Tokens => ({
  accessToken: new AccessToken({
    token: `A-${name}`,
    accessTime: NOW,
    expiresIn: 1800,
  }, () => NOW * 1000),
  refreshToken: new RefreshToken({
    token: `R-${name}`,
    accessTime: NOW,
    expiresIn: 604_800,
  }, () => NOW * 1000),
  ...more,
});

/** Redis, and a connection as one process of the application has it. */
async function stage(options: Partial<RedisOptions> = {}, durable = false) {
  const stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis(durable));
  const connect = async (more: Partial<RedisOptions> = {}) =>
    stack.use(
      await connectRedis({
        url: redis.url,
        now: () => NOW * 1000,
        ...options,
        ...more,
      }),
    );
  return {
    redis,
    connect,
    store: await connect(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

if (hasRedis()) {
  for (const sealed of [false, true]) {
    testTokenCache(sealed ? "SealedCache in Redis" : "RedisCache", async () => {
      const test = await stage();
      const key = rawKey(btoa("k".repeat(32)));
      const wrap = <T extends ConstructorParameters<typeof SealedCache>[0]>(
        cache: T,
      ) => sealed ? new SealedCache(cache, key) : cache;
      return {
        cache: wrap(test.store.cacheFor("user")),
        sameStore: wrap((await test.connect()).cacheFor("user")),
        [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
      };
    });
  }
}

redisTest(
  "RedisCache keeps users apart, whatever their names are",
  async () => {
    await using test = await stage();
    const names = ["a", "a}", "{a", "a:tokens", "ä b", "*", ""];
    for (const name of names) {
      await test.store.cacheFor(name).save(tokens(name));
    }
    for (const name of names) {
      const { refreshToken } = await test.store.cacheFor(name).load();
      assert.equal(refreshToken.token, `R-${name}`);
    }
  },
);

redisTest(
  "RedisCache lets Redis forget tokens when the refresh token expires",
  async () => {
    await using test = await stage();
    const key = "tdauth:{user}:tokens";
    const cache = test.store.cacheFor("user");
    const life = async () => Number(await test.redis.command("PTTL", key));
    await cache.save(tokens("long"));
    assert.ok(Math.abs(await life() - 604_800_000) < 60_000);
    await cache.save({ ...noTokens(), refreshPending: NOW });
    assert.ok(Math.abs(await life() - 600_000) < 60_000, "a login under way");
    await cache.save(tokens("endless", {
      refreshToken: new RefreshToken({ token: "R", expiresIn: Infinity }),
    }));
    assert.equal(await life(), -1);
    await cache.clear();
    const left = await test.redis.command("HKEYS", key);
    assert.deepEqual(left, ["fence"], "so that whoever is late is refused");
    assert.ok(Math.abs(await life() - 86_400_000) < 60_000);
  },
);

redisTest(
  "RedisCache renews its lease while the work runs, and gives it up when its process dies",
  async () => {
    await using test = await stage({ lease: 6 });
    const cache = test.store.cacheFor("user");
    await cache.save(tokens("1"));
    const other = (await test.connect()).cacheFor("user");
    const order: string[] = [];
    const lock = "tdauth:{user}:refresh";
    let second: Promise<void> | undefined;
    await cache.exclusive("refresh", async () => {
      second = other.exclusive("refresh", () => {
        order.push("second");
        return Promise.resolve();
      });
      // A lock that lasts for ever has an end again once it is renewed.
      assert.equal(await test.redis.command("PERSIST", lock), 1);
      await until(async () =>
        Number(await test.redis.command("PTTL", lock)) > 0
      );
      order.push("first");
    });
    await second;
    assert.deepEqual(order, ["first", "second"]);
    // One that died with the lock: nobody renews it.
    await test.redis.command(
      "SET",
      lock,
      "dead",
      "PX",
      "300",
    );
    await test.redis.command("HSET", "tdauth:{user}:tokens", "open", "dead");
    const start = performance.now();
    await other.exclusive("refresh", () => Promise.resolve());
    const waited = performance.now() - start;
    assert.ok(waited > 1990, `waited ${waited} ms`);
  },
);

redisTest(
  "RedisCache refuses what a process that was overtaken stores late",
  async () => {
    await using test = await stage({ lease: 0.2 });
    const late = test.store.cacheFor("user");
    const next = (await test.connect()).cacheFor("user");
    await late.save(tokens("0"));
    const overtaken = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const stopped = late.exclusive("refresh", async () => {
      entered.resolve();
      await overtaken.promise;
      await late.save(tokens("late"));
    });
    await entered.promise;
    // As if its process had been stopped for longer than its lease.
    await test.redis.command("DEL", "tdauth:{user}:refresh");
    await next.exclusive("refresh", () => next.save(tokens("next")));
    overtaken.resolve();
    await failsWith("busy", stopped);
    assert.equal((await next.load()).refreshToken.token, "R-next");
  },
);

redisTest(
  "RedisCache takes what an overtaken process stores while the next one has not stored any",
  async () => {
    await using test = await stage({ lease: 0.2 });
    const late = test.store.cacheFor("user");
    const next = (await test.connect()).cacheFor("user");
    await late.save(tokens("0"));
    const stored = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const marked = Promise.withResolvers<void>();
    const stopped = late.exclusive("refresh", async () => {
      entered.resolve();
      await marked.promise;
      await late.save(tokens("late"));
      stored.resolve();
    });
    await entered.promise;
    await test.redis.command("DEL", "tdauth:{user}:refresh");
    await next.exclusive("refresh", async () => {
      await next.save(tokens("0", { refreshPending: NOW }));
      marked.resolve();
      await stored.promise;
      assert.equal((await next.load()).refreshToken.token, "R-late");
    });
    await stopped;
  },
);

redisTest(
  "RedisCache says that Redis is away, and goes on when it is back",
  async () => {
    const messages: string[] = [];
    await using test = await stage({
      patience: 0.3,
      log: (message) => messages.push(message),
    }, true);
    const cache = test.store.cacheFor("user");
    await cache.save(tokens("kept"));
    await test.redis.kill();
    let ran = false;
    const work = () => {
      ran = true;
      return Promise.resolve();
    };
    for (
      const attempt of [
        () => cache.load(),
        () => cache.clear(),
        () => cache.exclusive("refresh", work),
      ]
    ) {
      const error = await failsWith("cache_unreadable", attempt());
      assert.doesNotMatch(`${error.message} ${error.hint}`, /127\.0\.0\.1/);
    }
    assert.equal(ran, false, "nothing is done without the lock");
    await test.redis.start();
    await until(() => messages.at(-1) === "Redis is back");
    assert.equal((await cache.load()).refreshToken.token, "R-kept");
  },
);

redisTest("RedisCache waits for a Redis that is soon back", async () => {
  await using test = await stage({ patience: 60 }, true);
  const cache = test.store.cacheFor("user");
  await cache.save(tokens("kept"));
  await test.redis.kill();
  const reading = cache.load();
  await test.redis.start();
  assert.equal((await reading).refreshToken.token, "R-kept");
});

redisTest(
  "RedisCache stores new tokens when Redis is back, and whoever refreshes next waits for them",
  async () => {
    await using test = await stage({ patience: 0.2, lease: 0.5 }, true);
    const cache = test.store.cacheFor("user");
    const other = (await test.connect({ patience: 120 })).cacheFor("user");
    await cache.save(tokens("old"));
    await failsWith(
      "cache_unreadable",
      cache.exclusive("refresh", async () => {
        await cache.save(tokens("old", { refreshPending: NOW }));
        await test.redis.kill();
        await cache.save(tokens("new"));
      }),
    );
    const seen = other.exclusive("refresh", () => other.load());
    await test.redis.start();
    assert.equal((await seen).refreshToken.token, "R-new");
  },
);

redisTest(
  "RedisCache does not hang on a Redis that takes commands and never answers",
  async () => {
    await using test = await stage({ patience: 0.5 });
    const cache = test.store.cacheFor("user");
    await cache.save(tokens("kept"));
    test.redis.pause();
    await failsWith("cache_unreadable", cache.load());
    test.redis.resume();
    assert.equal((await cache.load()).refreshToken.token, "R-kept");
  },
);

redisTest(
  "connectRedis() fails clearly, without showing its URL, when there is no Redis",
  async () => {
    using reserved = reservePort();
    const secret = "CANARY-password";
    for (
      const [url, code] of [
        [
          `redis://user:${secret}@127.0.0.1:${reserved.port}`,
          "cache_unreadable",
        ],
        [`http://user:${secret}@127.0.0.1`, "invalid_options"],
        [secret, "invalid_options"],
      ] as const
    ) {
      const error = await failsWith(code, connectRedis({ url, patience: 0.3 }));
      assert.doesNotMatch(Deno.inspect(error), new RegExp(secret));
    }
  },
);

redisTest("RedisCache says what Redis refuses", async () => {
  await using test = await stage();
  await test.redis.command("SET", "tdauth:{user}:tokens", "another program's");
  const error = await failsWith(
    "cache_unreadable",
    test.store.cacheFor("user").load(),
  );
  assert.match(error.message, /Redis answers WRONGTYPE/);
});

async function until(
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  while (!await condition()) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
