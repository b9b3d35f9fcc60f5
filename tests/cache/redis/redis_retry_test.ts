/** What is written when Redis is back, and what is not; for plain tokens and for sealed ones. */
import assert from "node:assert/strict";
import type { TokenCache } from "../../../mod.ts";
import { storeTokens } from "../../../src/cache/exclusively_or.ts";
import { logout } from "../../../src/client/logout.ts";
import { failsWith } from "../../support.ts";
import {
  eachCacheTest,
  NOW,
  stage,
  stored,
  tokens,
  tokensIn,
  turn,
  until,
} from "./stage.ts";
import { startWire } from "./wire.ts";

const HASH = "tdauth:{user}:tokens";

/** Logs out at a broker that revokes nothing. */
const logOut = (cache: TokenCache) =>
  logout({
    log: () => {},
    cache: tokensIn(cache),
    fetch,
    provider: {
      id: "none",
      get: () =>
        Promise.resolve({
          id: "none",
          name: "None",
          authorizationEndpoint: "http://127.0.0.1:9/",
          tokenEndpoint: "http://127.0.0.1:9/",
        }),
    },
    app: { consumerKey: "KEY" },
  });

eachCacheTest(
  "stores new tokens when Redis is back, and the next refresh waits for them",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.2, lease: 0.5 }, {
      durable: true,
      sealed,
    });
    const cache = test.store.cacheFor("user");
    const other = (await test.connect({ retryTimeout: 120 })).cacheFor("user");
    await tokensIn(cache).save(tokens("old"), "refresh");
    await failsWith(
      "cache_unreadable",
      cache.exclusive("refresh", async () => {
        await tokensIn(cache).save(
          tokens("old", { refreshPending: NOW }),
          "journal",
        );
        await test.redis.kill();
        await tokensIn(cache).save(tokens("new"), "refresh");
      }),
    );
    const seen = other.exclusive("refresh", () => stored(other));
    await test.redis.start();
    assert.equal(await seen, "new");
  },
);

eachCacheTest(
  "stores new tokens once a full Redis has room again, though the connection never broke",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("old"), "refresh");
    await cache.exclusive("refresh", async () => {
      await test.redis.command("CONFIG", "SET", "maxmemory", "1");
      const error = await failsWith(
        "cache_unreadable",
        tokensIn(cache).save(tokens("new"), "refresh"),
      );
      assert.match(error.message, /the memory of Redis is full/);
      assert.equal(await stored(cache), "old");
      await test.redis.command("CONFIG", "SET", "maxmemory", "0");
    });
    await until(async () => await stored(cache) === "new");
  },
);

eachCacheTest(
  "stores the new tokens of one user though Redis rejects those of another",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.1 }, {
      durable: true,
      sealed,
    });
    const refused = test.store.cacheFor("refused");
    const other = test.store.cacheFor("other");
    await tokensIn(other).save(tokens("old"), "refresh");
    await tokensIn(refused).save(tokens("old"), "refresh");
    await test.redis.kill();
    for (const cache of [refused, other]) {
      await failsWith(
        "cache_unreadable",
        tokensIn(cache).save(tokens("new"), "refresh"),
      );
    }
    await test.redis.start(
      "--user default on nopass ~tdauth:{other}* +@all".split(" "),
    );
    await until(async () => await stored(other) === "new");
    await failsWith("cache_unreadable", stored(refused));
    await test.redis.command("ACL", "SETUSER", "default", "allkeys");
    await until(async () => await stored(refused) === "new");
  },
);

eachCacheTest(
  "releases its lock when Redis is back, so that no process waits for the lease",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.1, lease: 600 }, {
      durable: true,
      sealed,
    });
    const next = (await test.connect({ retryTimeout: 120 })).cacheFor("user");
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("1"), "refresh");
    await cache.exclusive("refresh", () => test.redis.kill());
    await test.redis.start();
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), 300_000);
    await next.exclusive("refresh", () => Promise.resolve(), {
      signal: waiting.signal,
    });
    clearTimeout(timer);
  },
);

eachCacheTest(
  "releases a lock whose grant it did not hear of",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.1, lease: 600 }, {
      sealed,
    });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("1"), "refresh");
    test.redis.delay();
    await failsWith(
      "cache_unreadable",
      cache.exclusive("refresh", () => Promise.resolve()),
    );
    test.redis.resume();
    const lock = "tdauth:{user}:refresh";
    const fields = () => test.redis.command("HKEYS", HASH);
    const turnOver = async () =>
      await test.redis.command("EXISTS", lock) === 0 &&
      !(await fields() as string[]).includes("refresh");
    await until(async () =>
      (await fields() as string[]).includes("issued") && await turnOver()
    );
  },
);

eachCacheTest(
  "stores the tokens of a login when Redis is back, though it went away before their turn",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.1 }, {
      durable: true,
      sealed,
    });
    const cache = test.store.cacheFor("user");
    await failsWith(
      "cache_unreadable",
      cache.exclusive("login", async () => {
        await test.redis.kill();
        await storeTokens(tokensIn(cache), tokens("login"), () => {});
      }),
    );
    await test.redis.start();
    await until(async () => await stored(cache) === "login");
  },
);

eachCacheTest(
  "ends the session of a user who logged out while Redis was away",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.1 }, {
      durable: true,
      sealed,
    });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("1"), "refresh");
    await test.redis.kill();
    await failsWith("cache_unreadable", logOut(cache));
    await test.redis.start();
    await until(async () => await stored(cache) === undefined);
  },
);

eachCacheTest(
  "does not restore the tokens, when Redis is back, of a user who logged out after they were new",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.1 }, {
      durable: true,
      sealed,
    });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("old"), "refresh");
    const long = await turn(cache);
    await tokensIn(cache).load();
    await test.redis.kill();
    await failsWith(
      "cache_unreadable",
      tokensIn(cache).save(tokens("new"), "refresh"),
    );
    await failsWith("cache_unreadable", test.store.cacheFor("user").clear());
    await failsWith(
      "cache_unreadable",
      tokensIn(cache).save(tokens("newer"), "refresh"),
    );
    await test.redis.start();
    await until(async () => await stored(cache) === undefined);
    await long.end();
    await test.store.close(); // after a last try of all that waits
    const next = (await test.connect()).cacheFor("user");
    assert.equal(await stored(next), undefined);
  },
);

eachCacheTest(
  "ends only the login that it was meant for when a logout is late",
  async (sealed) => {
    // Only the one that is cut off is impatient: the others' Redis is there, however busy the machine.
    await using test = await stage({ retryTimeout: 120 }, { sealed });
    await using wire = startWire(test.redis.url);
    const cutOff = await test.connect({ url: wire.url, retryTimeout: 0.1 });
    const [ended, refreshed] = [cutOff.cacheFor("1"), cutOff.cacheFor("2")];
    const [again, thief] = [
      test.store.cacheFor("1"),
      test.store.cacheFor("2"),
    ];
    await tokensIn(again).save(tokens("1"), "refresh");
    await tokensIn(thief).save(tokens("2"), "refresh");
    wire.cut();
    await failsWith("cache_unreadable", logOut(ended));
    await failsWith("cache_unreadable", logOut(refreshed));
    await again.exclusive(
      "login",
      () => storeTokens(tokensIn(again), tokens("login"), () => {}),
    );
    await thief.exclusive(
      "refresh",
      () => tokensIn(thief).save(tokens("refreshed"), "refresh"),
    );
    wire.mend();
    await until(async () => await stored(thief) === undefined);
    assert.equal(await stored(again), "login");
    await cutOff.close();
    assert.equal(await stored(again), "login");
  },
);

eachCacheTest(
  "fails at once, for all waiters, once Redis has been away for longer than the timeout",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.1 }, { sealed });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("1"), "refresh");
    test.redis.delay();
    const start = performance.now();
    const ended = await Promise.all(
      Array.from({ length: 20 }, async () => {
        await failsWith("cache_unreadable", logOut(cache));
        return performance.now() - start;
      }),
    );
    const [first = 0, last = 0] = [Math.min(...ended), Math.max(...ended)];
    assert.ok(last < 3 * first, `the first ${first} ms, the last ${last} ms`);
    test.redis.resume();
    await until(async () => await stored(cache) === undefined);
  },
);

eachCacheTest(
  "logs at the end what is lost, once for each user, however often it was tried",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.05 }, { sealed });
    for (const user of ["1", "2", "3"]) {
      await tokensIn(test.store.cacheFor(user)).save(tokens(user), "refresh");
    }
    const one = test.store.cacheFor("1");
    const long = await turn(one);
    await tokensIn(one).load();
    await test.redis.kill();
    for (let i = 0; i < 5; i++) {
      await failsWith(
        "cache_unreadable",
        tokensIn(one).save(tokens("new"), "refresh"),
      );
      await failsWith("cache_unreadable", logOut(test.store.cacheFor("2")));
      await failsWith("cache_unreadable", logOut(test.store.cacheFor("3")));
    }
    await long.end();
    await test.store.close();
    assert.deepEqual(test.messages.slice(-2), [
      "Redis was away to the end: new tokens are lost (1 users)",
      "Redis was away to the end: tokens are still in it of users who logged out (2)",
    ]);
  },
);
