/** What else goes wrong with Redis besides going away: passwords, replicas, certificates, settings, clocks, and whoever is late. */
import assert from "node:assert/strict";
import {
  AccessToken,
  RefreshToken,
  TdauthError,
  type Tokens,
} from "../../mod.ts";
import { connectRedis } from "../../src/redis/mod.ts";
import { survey } from "../../src/redis/survey.ts";
import { failsWith, reservePort, temporaryDirectory } from "../support.ts";
import { redisTest, startRedis } from "./redis_server.ts";

const tokens = (name: string): Tokens => ({
  accessToken: new AccessToken({ token: `A-${name}`, expiresIn: 1800 }),
  refreshToken: new RefreshToken({ token: `R-${name}`, expiresIn: 604_800 }),
});

redisTest(
  "connectRedis() fails at once, and says so, when Redis does not take the password",
  async () => {
    await using redis = await startRedis(false, ["--requirepass", "CANARY-1"]);
    for (const credentials of ["", "default:CANARY-2@", "nobody:CANARY-2@"]) {
      const url = redis.url.replace("//", `//${credentials}`);
      const start = performance.now();
      const error = await failsWith(
        "cache_unreadable",
        connectRedis({ url, patience: 30 }),
      );
      assert.ok(performance.now() - start < 20_000, "it was not tried again");
      assert.match(error.message, /does not let this application in/);
      assert.doesNotMatch(Deno.inspect(error), /CANARY/);
    }
    const url = redis.url.replace("//", "//default:CANARY-1@");
    await using store = await connectRedis({ url });
    await store.cacheFor("user").save(tokens("1"));
    assert.equal((await store.cacheFor("user").load()).accessToken.valid, true);
  },
);

redisTest(
  "RedisCache says that it was locked out, at once, when the password changes while it runs",
  async () => {
    await using redis = await startRedis();
    await using store = await connectRedis({ url: redis.url, patience: 30 });
    const cache = store.cacheFor("user");
    await cache.save(tokens("1"));
    await redis.kill();
    await redis.start(["--requirepass", "CANARY-1"]);
    const error = await failsWith("cache_unreadable", cache.load());
    assert.match(error.message, /does not let this application in/);
  },
);

redisTest(
  "RedisCache says that a replica takes no writes, and connectRedis() warns of it",
  async () => {
    const messages: string[] = [];
    await using primary = await startRedis();
    const port = new URL(primary.url).port;
    await using redis = await startRedis(false, [
      "--replicaof",
      "127.0.0.1",
      port,
      "--replica-serve-stale-data",
      "yes",
    ]);
    await using store = await connectRedis({
      url: redis.url,
      patience: 0.2,
      log: (message) => messages.push(message),
    });
    assert.match(messages.join("\n"), /is a replica/);
    const error = await failsWith(
      "cache_unreadable",
      store.cacheFor("user").save(tokens("1")),
    );
    assert.match(error.message, /is a replica/);
    // It becomes the primary: what it refused is stored.
    await redis.command("REPLICAOF", "NO", "ONE");
    await until(async () =>
      (await store.cacheFor("user").load()).refreshToken.token === "R-1"
    );
  },
);

redisTest(
  "connectRedis() warns of a Redis that may drop or lose tokens",
  async () => {
    const heard = async (durable: boolean, more: string[]) => {
      const messages: string[] = [];
      await using redis = await startRedis(durable, more);
      await using _ = await connectRedis({
        url: redis.url,
        log: (message) => messages.push(message),
      });
      return messages.join("\n");
    };
    assert.match(await heard(false, []), /keeps nothing on disk/);
    assert.match(await heard(false, ["--save", "60", "1"]), /not put every/);
    assert.match(
      await heard(true, [
        "--maxmemory",
        "50mb",
        "--maxmemory-policy",
        "volatile-lru",
      ]),
      /^Redis drops tokens .*volatile-lru.*noeviction$/,
    );
    assert.equal(
      await heard(true, [
        "--maxmemory",
        "50mb",
        "--maxmemory-policy",
        "noeviction",
      ]),
      "",
    );
    assert.deepEqual(survey({ info: "" }), [], "who may not ask");
  },
);

redisTest(
  "RedisCache stores new tokens once a full Redis has room again, though the connection never broke",
  async () => {
    await using redis = await startRedis();
    await using store = await connectRedis({ url: redis.url });
    const cache = store.cacheFor("user");
    await cache.save(tokens("old"));
    await cache.exclusive("refresh", async () => {
      await redis.command("CONFIG", "SET", "maxmemory", "1");
      const error = await failsWith(
        "cache_unreadable",
        cache.save(tokens("new")),
      );
      assert.match(error.message, /Redis answers OOM/);
      assert.equal((await cache.load()).refreshToken.token, "R-old");
      await redis.command("CONFIG", "SET", "maxmemory", "0");
    });
    await until(async () =>
      (await cache.load()).refreshToken.token === "R-new"
    );
  },
);

redisTest(
  "RedisCache stores the new tokens of one user though Redis refuses those of another",
  async () => {
    await using redis = await startRedis(true);
    await using store = await connectRedis({ url: redis.url, patience: 0.1 });
    const refused = store.cacheFor("refused");
    const other = store.cacheFor("other");
    await other.save(tokens("old"));
    await redis.command("SET", "tdauth:{refused}:tokens", "another program's");
    await redis.kill();
    for (const cache of [refused, other]) {
      await failsWith("cache_unreadable", cache.save(tokens("new")));
    }
    await redis.start();
    await until(async () =>
      (await other.load()).refreshToken.token === "R-new"
    );
    await redis.command("DEL", "tdauth:{refused}:tokens");
    await until(async () =>
      (await refused.load()).refreshToken.token === "R-new"
    );
  },
);

redisTest(
  "RedisCache gives its lock back when Redis is back, so that nobody waits for the lease",
  async () => {
    await using redis = await startRedis(true);
    await using store = await connectRedis({ url: redis.url, patience: 0.1 });
    await using next = await connectRedis({ url: redis.url });
    const cache = store.cacheFor("user");
    await cache.save(tokens("1"));
    await cache.exclusive("refresh", () => redis.kill());
    await redis.start();
    const start = performance.now();
    await next.cacheFor("user").exclusive("refresh", () => Promise.resolve());
    const waited = performance.now() - start;
    assert.ok(waited < 20_000, `waited ${waited} ms of a lease of 30 s`);
  },
);

redisTest(
  "RedisCache does not bring back the tokens of a user who has logged out",
  async () => {
    await using redis = await startRedis();
    await using store = await connectRedis({ url: redis.url });
    await using other = await connectRedis({ url: redis.url });
    const late = store.cacheFor("user");
    const user = other.cacheFor("user");
    await late.save(tokens("1"));
    const cleared = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const stopped = late.exclusive("refresh", async () => {
      entered.resolve();
      await cleared.promise;
      await late.save(tokens("late"));
    });
    await entered.promise;
    // As if its process had been stopped for longer than its lease.
    await redis.command("DEL", "tdauth:{user}:refresh");
    await redis.command("HDEL", "tdauth:{user}:tokens", "open");
    await user.exclusive("refresh", () => user.clear());
    cleared.resolve();
    await failsWith("busy", stopped);
    assert.equal((await user.load()).refreshToken.token, undefined);
    await user.exclusive("login", () => user.save(tokens("new login")));
    assert.equal((await user.load()).refreshToken.token, "R-new login");
  },
);

redisTest(
  "RedisCache gives higher fences than before on a Redis whose clock is behind",
  async () => {
    await using redis = await startRedis();
    await using store = await connectRedis({ url: redis.url });
    await using other = await connectRedis({ url: redis.url });
    const late = store.cacheFor("user");
    const next = other.cacheFor("user");
    await late.save(tokens("1"));
    const overtaken = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const stopped = late.exclusive("refresh", async () => {
      entered.resolve();
      await overtaken.promise;
      await late.save(tokens("late"));
    });
    await entered.promise;
    // The lock is lost, and the one before had its fence from a clock that was a day ahead.
    const key = "tdauth:{user}:tokens";
    await redis.command("DEL", "tdauth:{user}:refresh");
    await redis.command("HDEL", key, "open");
    const issued = Number(await redis.command("HGET", key, "issued"));
    assert.ok(issued > 0);
    const ahead = String(issued + 86_400e6);
    await redis.command("HSET", key, "issued", ahead);
    await next.exclusive("refresh", () => next.save(tokens("next")));
    const fence = Number(await redis.command("HGET", key, "fence"));
    assert.ok(fence > Number(ahead), "the next fence is higher");
    overtaken.resolve();
    await failsWith("busy", stopped);
    assert.equal((await next.load()).refreshToken.token, "R-next");
  },
);

redisTest(
  "connectRedis() speaks TLS, and says when the certificate is not trusted",
  async () => {
    using reserved = reservePort();
    await using directory = temporaryDirectory();
    const { cert, key } = await selfSigned(directory.path);
    await using redis = await startRedis(false, [
      "--tls-port",
      String(reserved.port),
      "--tls-cert-file",
      cert,
      "--tls-key-file",
      key,
      "--tls-auth-clients",
      "no",
    ]);
    assert.ok(redis.url.startsWith("redis:"));
    const error = await failsWith(
      "cache_unreadable",
      connectRedis({
        url: `rediss://localhost:${reserved.port}`,
        patience: 4,
      }),
    );
    assert.match(error.message, /certificate is not trusted/);
  },
);

/** A certificate that nobody trusts. */
async function selfSigned(
  directory: string,
): Promise<{ cert: string; key: string }> {
  const cert = `${directory}/cert.pem`;
  const key = `${directory}/key.pem`;
  const { success } = await new Deno.Command("openssl", {
    args: "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
      .split(" ").concat(
        ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        ["-keyout", key, "-out", cert],
      ),
    stderr: "null",
  }).output();
  assert.ok(success, "openssl made no certificate");
  return { cert, key };
}

/** Waits until something holds; a Redis that is not back yet is no failure. */
async function until(condition: () => Promise<boolean>): Promise<void> {
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
