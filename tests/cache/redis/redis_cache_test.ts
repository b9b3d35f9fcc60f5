import assert from "node:assert/strict";
import { type ExclusiveWork, noTokens, RefreshToken } from "../../../mod.ts";
import { connectRedis } from "../../../src/cache/redis/mod.ts";
import { testTokenCache } from "../token_cache_contract.ts";
import { failsWith, reservePort } from "../../support.ts";
import { hasRedis, redisTest, startRedis } from "./redis_server.ts";
import { NOW, stage, stored, tokens, tokensIn, until } from "./stage.ts";

if (hasRedis()) {
  for (const sealed of [false, true]) {
    testTokenCache(sealed ? "SealedCache in Redis" : "RedisCache", async () => {
      const test = await stage({}, { sealed });
      return {
        store: test.store.cacheFor("user"),
        sameStore: (await test.connect()).cacheFor("user"),
        otherAccount: test.store.cacheFor("other"),
        openWithLease: async (lease: number) =>
          (await test.connect({ lease })).cacheFor("user"),
        damage: async () => {
          await test.redis.command("SET", "tdauth:{user}:tokens", "x");
        },
        endTurn: async (work: ExclusiveWork) =>
          void await test.redis.command("DEL", `tdauth:{user}:${work}`),
        [Symbol.asyncDispose]: () => test[Symbol.asyncDispose](),
      };
    }, { manyProcesses: true, canFail: true });
  }
}

redisTest(
  "RedisCache keeps users apart, whatever their names are",
  async () => {
    await using test = await stage();
    const names = ["a", "a}", "{a", "a:tokens", "ä b", "*", ""];
    for (const name of names) {
      await tokensIn(test.store.cacheFor(name)).save(tokens(name), "refresh");
    }
    for (const name of names) {
      const { refreshToken } = await tokensIn(test.store.cacheFor(name)).load();
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
    await tokensIn(cache).save(tokens("long"), "refresh");
    assert.ok(Math.abs(await life() - 604_800_000) < 60_000);
    await tokensIn(cache).save(
      { ...noTokens(), refreshPending: NOW },
      "journal",
    );
    assert.ok(Math.abs(await life() - 600_000) < 60_000, "a login under way");
    await tokensIn(cache).save(
      tokens("endless", {
        refreshToken: new RefreshToken({ token: "R", expiresIn: Infinity }),
      }),
      "refresh",
    );
    const ninetyDays = 90 * 86_400_000;
    assert.ok(Math.abs(await life() - ninetyDays) < 60_000, "unknown lifetime");
    const short = (await test.connect({ unknownLifetime: 3600 })).cacheFor(
      "user",
    );
    await tokensIn(short).save(await tokensIn(cache).load(), "refresh");
    assert.ok(Math.abs(await life() - 3_600_000) < 60_000, "as it was set");
    await cache.clear();
    const left = await test.redis.command("HKEYS", key);
    assert.deepEqual(left, ["fence"], "so that whoever is late is refused");
    assert.ok(Math.abs(await life() - 86_400_000) < 60_000);
    await test.redis.command("DEL", key);
    await cache.exclusive("refresh", async () => {
      assert.ok(
        Math.abs(await life() - 600_000) < 60_000,
        "a turn without an owner",
      );
    });
  },
);

redisTest(
  "RedisCache says that Redis is away, and goes on when it is back",
  async () => {
    await using test = await stage({ retryTimeout: 0.3 }, { durable: true });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("kept"), "refresh");
    await test.redis.kill();
    let ran = false;
    const work = () => {
      ran = true;
      return Promise.resolve();
    };
    for (
      const attempt of [
        () => tokensIn(cache).load(),
        () => cache.exclusive("refresh", work),
      ]
    ) {
      const error = await failsWith("cache_unreadable", attempt());
      assert.doesNotMatch(`${error.message} ${error.hint}`, /127\.0\.0\.1/);
    }
    assert.equal(ran, false, "nothing is done without the lock");
    await test.redis.start();
    await until(async () =>
      test.messages.at(-1) === "Redis is back" && await stored(cache) === "kept"
    );
  },
);

redisTest("RedisCache waits for a Redis that is soon back", async () => {
  await using test = await stage({ retryTimeout: 60 }, { durable: true });
  const cache = test.store.cacheFor("user");
  await tokensIn(cache).save(tokens("kept"), "refresh");
  await test.redis.kill();
  const reading = tokensIn(cache).load();
  await test.redis.start();
  assert.equal((await reading).refreshToken.token, "R-kept");
});

redisTest(
  "RedisCache does not hang on a Redis that takes commands and never answers",
  async () => {
    await using test = await stage({ retryTimeout: 0.5 });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("kept"), "refresh");
    test.redis.delay();
    await failsWith("cache_unreadable", tokensIn(cache).load());
    test.redis.resume();
    await until(async () => await stored(cache) === "kept");
  },
);

redisTest(
  "connectRedis() fails clearly, without showing its URL, when there is no Redis or the URL is not a Redis URL",
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
        [`redis://user:${secret}@127.0.0.1/path`, "invalid_options"],
        [`redis://user:${secret}%@127.0.0.1/0`, "invalid_options"],
        [`redis://${secret}%zz@127.0.0.1/0`, "invalid_options"],
      ] as const
    ) {
      const error = await failsWith(
        code,
        connectRedis({ url, retryTimeout: 0.3 }),
      );
      assert.doesNotMatch(Deno.inspect(error), new RegExp(secret));
    }
  },
);

redisTest(
  "connectRedis() rejects times that are infinite, negative or not numbers, by name",
  async () => {
    await using redis = await startRedis();
    for (const name of ["lease", "retryTimeout", "unknownLifetime"]) {
      for (const value of [Infinity, NaN, -1, null, "5"]) {
        const error = await failsWith(
          "invalid_options",
          connectRedis({ url: redis.url, [name]: value }),
        );
        assert.match(error.message, new RegExp(`: ${name} is `));
      }
    }
  },
);

redisTest("RedisCache says what Redis refuses", async () => {
  await using redis = await startRedis(false, ["--rename-command", "EVAL", ""]);
  await using store = await connectRedis({ url: redis.url });
  const error = await failsWith(
    "cache_unreadable",
    tokensIn(store.cacheFor("user")).save(tokens("1"), "refresh"),
  );
  assert.match(error.message, /Redis returned ERR/);
});
