/** What is damaged in Redis, or evicted from it: it keeps no user from logging in or out. */
import assert from "node:assert/strict";
import { authorize } from "../../../mod.ts";
import { startSandbox } from "../../../src/sandbox/mod.ts";
import { hasTokens } from "../../../src/token/token.ts";
import { failsWith, reservePort } from "../../support.ts";
import { redisTest } from "./redis_server.ts";
import { stage, stored, tokens, tokensIn } from "./stage.ts";

const KEY = "tdauth:{user}:tokens";

/** What another program, or a damaged disk, may have left, as Redis' own commands. */
const DAMAGES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "a text in place of the tokens": [["DEL", KEY], ["SET", KEY, "x"]],
  "a list in place of the tokens": [["DEL", KEY], ["RPUSH", KEY, "x"]],
  "a hash in place of a lock": [
    ["HSET", "tdauth:{user}:refresh", "a", "1"],
    ["HSET", "tdauth:{user}:login", "a", "1"],
  ],
  "tokens that are not JSON": [["HSET", KEY, "tokens", "{"]],
  "tokens that are another program's": [["HSET", KEY, "tokens", "[1]"]],
  ...Object.fromEntries(
    ["x", "", "-1", "1e400", "nan", "0x", "9007199254740993", "1e300"].map(
      (value) => [`fences that are "${value}"`, [
        ["HSET", KEY, "fence", value, "issued", value, "began", value],
      ]],
    ),
  ),
  "an owner that is none": [["HSET", KEY, "open", "", "refresh", ""]],
};

for (const [what, commands] of Object.entries(DAMAGES)) {
  redisTest(
    `RedisCache lets a user log in, refresh and log out after ${what}`,
    async () => {
      const begin = async () => {
        const test = await stage();
        await tokensIn(test.store.cacheFor("user")).save(tokens("0"), "login");
        for (const command of commands) await test.redis.command(...command);
        return test;
      };
      {
        await using test = await begin();
        const cache = test.store.cacheFor("user");
        await cache.exclusive(
          "login",
          () =>
            cache.exclusive(
              "refresh",
              () => tokensIn(cache).save(tokens("1"), "login"),
            ),
        );
        assert.equal(await stored(cache), "1");
        await cache.exclusive("refresh", async () => {
          await tokensIn(cache).save(tokens("1"), "journal");
          await tokensIn(cache).save(tokens("2"), "refresh");
        });
        assert.equal(await stored(cache), "2");
      }
      await using test = await begin();
      const cache = test.store.cacheFor("user");
      await cache.exclusive("refresh", () => cache.clear());
      assert.equal(hasTokens(await tokensIn(cache).load()), false);
      await tokensIn(cache).save(tokens("3"), "login");
      assert.equal(await stored(cache), "3");
    },
  );
}

redisTest("RedisCache says that something else is under its key", async () => {
  await using test = await stage();
  await test.redis.command("SET", KEY, "another program's");
  const { message } = await failsWith(
    "cache_corrupt",
    tokensIn(test.store.cacheFor("user")).load(),
  );
  assert.match(message, /something else under their key/);
});

redisTest(
  "authorize() logs in where the tokens in Redis are damaged, and says so; a job is told",
  async () => {
    await using test = await stage();
    using port = reservePort();
    await using sandbox = await startSandbox({
      broker: "tdameritrade",
      callbackUrl: `http://localhost:${port.port}`,
    });
    const cache = test.store.cacheFor("user");
    const messages: string[] = [];
    const options = {
      ...sandbox.app,
      provider: "tdameritrade",
      sandbox: sandbox.url,
      cache,
      openUrl: (url: string) => sandbox.approve(url),
      log: (_: string, message: string) => void messages.push(message),
    };
    for (const damage of DAMAGES["a text in place of the tokens"] ?? []) {
      await test.redis.command(...damage);
    }
    await failsWith(
      "cache_corrupt",
      authorize({ ...options, interactive: false }),
    );
    assert.equal((await authorize(options)).accessToken.valid, true);
    assert.match(messages.join("\n"), /something else under their key/);
    await test.redis.command("HSET", KEY, "tokens", "{");
    await failsWith(
      "cache_corrupt",
      authorize({ ...options, interactive: false }),
    );
    const td = await authorize(options);
    assert.equal(td.accessToken.valid, true);
    await td.logout();
    assert.equal(await cache.read(), "");
  },
);

redisTest(
  "RedisCache writes nothing with a time that Redis cannot keep",
  async () => {
    await using test = await stage();
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("1"), "login");
    const write = cache.write("{}", { kind: "refresh", expires: NaN });
    await failsWith("cache_unreadable", write);
    assert.equal(await stored(cache), "1");
    await cache.write(await cache.read(), { kind: "refresh", expires: 1e300 });
    assert.ok(Number(await test.redis.command("PTTL", KEY)) <= 315_576_000_000);
  },
);

/** Fills Redis until it has evicted a key. */
async function evict(
  command: (...args: string[]) => Promise<unknown>,
  key: string,
): Promise<void> {
  const used = /used_memory:(\d+)/.exec(
    String(await command("INFO", "memory")),
  );
  await command("CONFIG", "SET", "maxmemory-policy", "allkeys-random");
  await command("CONFIG", "SET", "maxmemory", `${Number(used?.[1]) + 200_000}`);
  for (let i = 0; await command("EXISTS", key) === 1; i++) {
    assert.ok(i < 20_000, "the key was never evicted");
    await command("SET", `filler:${i}`, "x".repeat(20_000));
  }
  await command("CONFIG", "SET", "maxmemory", "0");
  const stats = String(await command("INFO", "stats"));
  assert.ok(Number(/evicted_keys:(\d+)/.exec(stats)?.[1]) > 0);
}

redisTest(
  "RedisCache takes evicted tokens for a user who must log in, and sends no refresh without its mark",
  async () => {
    await using test = await stage();
    const command = test.redis.command.bind(test.redis);
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("1"), "login");
    await evict(command, KEY);
    assert.equal(hasTokens(await tokensIn(cache).load()), false);
    await tokensIn(cache).save(tokens("2"), "login");
    await cache.exclusive("refresh", async () => {
      const before = await tokensIn(cache).load();
      await evict(command, KEY);
      // The mark of a refresh is refused, so that nothing is sent: another may have the turn by now.
      await failsWith("busy", tokensIn(cache).save(before, "journal"));
    });
    await cache.exclusive("refresh", async () => {
      await evict(command, "tdauth:{user}:refresh");
      // Those that a refresh has brought are stored all the same.
      await tokensIn(cache).save(tokens("3"), "refresh");
    });
    assert.equal(await stored(cache), "3");
  },
);
