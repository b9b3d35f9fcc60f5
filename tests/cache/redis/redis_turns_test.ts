/** Who may write when: turns, marks, leases, and whoever is late; for plain tokens and for sealed ones. */
import assert from "node:assert/strict";
import { noTokens } from "../../../mod.ts";
import { failsWith } from "../../support.ts";
import {
  eachCacheTest,
  NOW,
  type Stage,
  stage,
  stored,
  tokens,
  tokensIn,
  turn,
  until,
} from "./stage.ts";

const LOCK = "tdauth:{user}:refresh";
const HASH = "tdauth:{user}:tokens";
/** Old tokens with a mark, as a refresh stores them before it sends its request. */
const marked = (name: string, time = NOW) =>
  tokens(name, { refreshPending: time });

/** As if the process that has the turn had been stopped for longer than its lease. */
const endLease = ({ redis }: Stage) => redis.command("DEL", LOCK);

eachCacheTest(
  "rejects what an overtaken process stores late",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const late = test.store.cacheFor("user");
    const next = (await test.connect()).cacheFor("user");
    await tokensIn(late).save(tokens("0"), "refresh");
    const stopped = await turn(late);
    await endLease(test);
    await next.exclusive(
      "refresh",
      () => tokensIn(next).save(tokens("next"), "refresh"),
    );
    await failsWith("busy", tokensIn(late).save(tokens("late"), "refresh"));
    assert.equal(await stored(next), "next");
    await stopped.end();
  },
);

eachCacheTest(
  "accepts what an overtaken process stores while the next one has only marked",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const late = test.store.cacheFor("user");
    const next = (await test.connect()).cacheFor("user");
    await tokensIn(late).save(tokens("0"), "refresh");
    const stopped = await turn(late);
    await tokensIn(late).save(marked("0"), "journal");
    await endLease(test);
    await next.exclusive("refresh", async () => {
      await tokensIn(next).save(marked("0"), "journal");
      await tokensIn(late).save(tokens("late"), "refresh");
      assert.equal(await stored(next), "late");
    });
    await stopped.end();
  },
);

eachCacheTest(
  "rejects a mark once another process has had a turn, whether that is over or not",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const late = test.store.cacheFor("user");
    const next = (await test.connect()).cacheFor("user");
    await tokensIn(late).save(tokens("0"), "refresh");
    const stopped = await turn(late);
    await endLease(test);
    await next.exclusive("refresh", async () => {
      await failsWith("busy", tokensIn(late).save(marked("0"), "journal"));
      await tokensIn(next).save(marked("0", NOW + 1), "journal");
      await failsWith("busy", tokensIn(late).save(marked("0"), "journal"));
      assert.equal((await tokensIn(next).load()).refreshPending, NOW + 1);
    });
    await failsWith("busy", tokensIn(late).save(marked("0"), "journal"));
    await stopped.end();
  },
);

eachCacheTest(
  "accepts a mark after the lease has expired if no other process has come, and then holds the lock again",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const late = test.store.cacheFor("user");
    await tokensIn(late).save(tokens("0"), "refresh");
    const stopped = await turn(late);
    await endLease(test);
    await tokensIn(late).save(marked("0"), "journal");
    assert.ok(Number(await test.redis.command("PTTL", LOCK)) > 0);
    await stopped.end();
    assert.equal(await test.redis.command("EXISTS", LOCK), 0);
  },
);

eachCacheTest(
  "renews an expired lease, as long as no other process has come",
  async (sealed) => {
    await using test = await stage({ lease: 0.3 }, { sealed });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("0"), "refresh");
    const long = await turn(cache);
    await endLease(test);
    await until(async () => await test.redis.command("EXISTS", LOCK) === 1);
    await long.end();
    assert.equal(await test.redis.command("EXISTS", LOCK), 0);
  },
);

eachCacheTest(
  "accepts no mark for an old token once the same turn has stored a new one",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("old"), "refresh");
    await cache.exclusive("refresh", async () => {
      await tokensIn(cache).save(marked("old"), "journal");
      await tokensIn(cache).save(tokens("new"), "refresh");
      // As when the mark was held in the network, and was sent again meanwhile.
      await failsWith("busy", tokensIn(cache).save(marked("old"), "journal"));
    });
    assert.equal(await stored(cache), "new");
  },
);

eachCacheTest(
  "takes old tokens whose refresh came to nothing for what they are",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const late = test.store.cacheFor("user");
    const next = (await test.connect()).cacheFor("user");
    await tokensIn(late).save(tokens("old"), "refresh");
    const fence = () => test.redis.command("HGET", HASH, "fence");
    const before = await fence();
    const settled = tokens("old");
    await late.exclusive("refresh", async () => {
      await tokensIn(late).save(marked("old"), "journal");
      await tokensIn(late).save(settled, "journal");
    });
    assert.equal((await tokensIn(late).load()).refreshPending, undefined);
    assert.equal(await fence(), before, "no new tokens were stored");
    const stopped = await turn(late);
    await endLease(test);
    await next.exclusive("refresh", async () => {
      await failsWith("busy", tokensIn(late).save(settled, "journal"));
      await tokensIn(next).save(tokens("new"), "refresh");
    });
    assert.equal(await stored(next), "new");
    await stopped.end();
  },
);

eachCacheTest(
  "writes neither a mark nor old tokens late, when Redis was away for them",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.1 }, {
      durable: true,
      sealed,
    });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("old"), "refresh");
    const fence = () => test.redis.command("HGET", HASH, "fence");
    const before = await fence();
    const long = await turn(cache);
    await tokensIn(cache).load();
    await test.redis.kill();
    for (const save of [tokens("old"), marked("old")]) {
      await failsWith(
        "cache_unreadable",
        tokensIn(cache).save(save, "journal"),
      );
    }
    await test.redis.start();
    await until(async () => await stored(cache) === "old");
    await long.end();
    await test.store.close(); // after a last try of all that waits
    const next = (await test.connect()).cacheFor("user");
    assert.equal((await tokensIn(next).load()).refreshPending, undefined);
    assert.equal(await fence(), before, "no new tokens were stored");
    assert.doesNotMatch(test.messages.join("\n"), /lost/);
  },
);

eachCacheTest(
  "allows no refresh before a process that may have new tokens has had time to store them, though others gave up waiting",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const cutOff = test.store.cacheFor("user");
    const second = (await test.connect()).cacheFor("user");
    const third = (await test.connect()).cacheFor("user");
    await tokensIn(cutOff).save(tokens("0"), "refresh");
    const first = await turn(cutOff);
    await tokensIn(cutOff).save(marked("0"), "journal");
    await endLease(test);
    const tired = new AbortController();
    const waiting = second.exclusive("refresh", () => Promise.resolve(), {
      signal: tired.signal,
    });
    await until(async () => await test.redis.command("EXISTS", LOCK) === 1);
    tired.abort(new Error("tired"));
    await assert.rejects(waiting, /tired/);
    const start = performance.now();
    await third.exclusive("refresh", async () => {
      const waited = performance.now() - start;
      assert.ok(waited > 1900, `waited ${waited} ms`);
      await tokensIn(third).save(marked("0"), "journal");
    });
    await first.end();
  },
);

eachCacheTest(
  "lets a login mark, and rejects an overtaken login's mark",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const late = test.store.cacheFor("user");
    const next = (await test.connect()).cacheFor("user");
    const mark = { ...noTokens(), refreshPending: NOW };
    await late.exclusive("login", async () => {
      await test.redis.command("DEL", "tdauth:{user}:login");
      await next.exclusive("login", async () => {
        await failsWith("busy", tokensIn(late).save(mark, "journal"));
        assert.equal((await tokensIn(next).load()).refreshPending, undefined);
        await tokensIn(next).save(mark, "journal");
        await next.exclusive(
          "refresh",
          () => tokensIn(next).save(tokens("new"), "refresh"),
        );
      });
    });
    assert.equal(await stored(next), "new");
  },
);

eachCacheTest(
  "renews its lease while the work runs, and gives it up when its process dies",
  async (sealed) => {
    await using test = await stage({ lease: 6 }, { sealed });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("1"), "refresh");
    const other = (await test.connect()).cacheFor("user");
    const order: string[] = [];
    let second: Promise<void> | undefined;
    await cache.exclusive("refresh", async () => {
      second = other.exclusive("refresh", () => {
        order.push("second");
        return Promise.resolve();
      });
      // A lock that lasts for ever has an end again once it is renewed.
      assert.equal(await test.redis.command("PERSIST", LOCK), 1);
      await until(async () =>
        Number(await test.redis.command("PTTL", LOCK)) > 0
      );
      order.push("first");
    });
    await second;
    assert.deepEqual(order, ["first", "second"]);
    // One that died with the lock: it is not renewed.
    await test.redis.command("SET", LOCK, "dead", "PX", "300");
    await test.redis.command("HSET", HASH, "open", "dead", "refresh", "dead");
    const start = performance.now();
    await other.exclusive("refresh", () => Promise.resolve());
    const waited = performance.now() - start;
    assert.ok(waited > 1990, `waited ${waited} ms`);
  },
);

eachCacheTest(
  "does not restore the tokens of a user who has logged out",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const late = test.store.cacheFor("user");
    const user = (await test.connect()).cacheFor("user");
    await tokensIn(late).save(tokens("1"), "refresh");
    const stopped = await turn(late);
    await endLease(test);
    await test.redis.command("HDEL", HASH, "open");
    await user.exclusive("refresh", () => user.clear());
    await failsWith("busy", tokensIn(late).save(marked("1"), "journal"));
    await failsWith("busy", tokensIn(late).save(tokens("late"), "refresh"));
    assert.equal(await stored(user), undefined);
    await stopped.end();
    await user.exclusive(
      "login",
      () => tokensIn(user).save(tokens("new login"), "login"),
    );
    assert.equal(await stored(user), "new login");
  },
);

eachCacheTest(
  "gives higher fences than before on a Redis whose clock is slow",
  async (sealed) => {
    await using test = await stage({}, { sealed });
    const late = test.store.cacheFor("user");
    const next = (await test.connect()).cacheFor("user");
    await tokensIn(late).save(tokens("1"), "refresh");
    const stopped = await turn(late);
    // The lock is lost, and the one before had its fence from a clock that was a day ahead.
    await endLease(test);
    await test.redis.command("HDEL", HASH, "open");
    const issued = Number(await test.redis.command("HGET", HASH, "issued"));
    assert.ok(issued > 0);
    const ahead = String(issued + 86_400e6);
    await test.redis.command("HSET", HASH, "issued", ahead);
    await next.exclusive(
      "refresh",
      () => tokensIn(next).save(tokens("next"), "refresh"),
    );
    const fence = Number(await test.redis.command("HGET", HASH, "fence"));
    assert.ok(fence > Number(ahead), "the next fence is higher");
    await failsWith("busy", tokensIn(late).save(tokens("late"), "refresh"));
    assert.equal(await stored(next), "next");
    await stopped.end();
  },
);
