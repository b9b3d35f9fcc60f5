/** What else goes wrong with Redis besides going away: passwords, replicas, certificates and settings. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connectRedis } from "../../../src/cache/redis/mod.ts";
import { auditConfig } from "../../../src/cache/redis/audit_config.ts";
import { denoProcess } from "../../../tools/deno.ts";
import { failsWith, reservePort, temporaryDirectory } from "../../support.ts";
import { type RedisServer, redisTest, startRedis } from "./redis_server.ts";
import { tokens, tokensIn, until } from "./stage.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

redisTest(
  "connectRedis() fails at once, and says so, when Redis rejects the password",
  async () => {
    await using redis = await startRedis(false, ["--requirepass", "CANARY-1"]);
    for (const credentials of ["", "default:CANARY-2@", "nobody:CANARY-2@"]) {
      const url = redis.url.replace("//", `//${credentials}`);
      const start = performance.now();
      const error = await failsWith(
        "cache_unreadable",
        connectRedis({ url, retryTimeout: 30 }),
      );
      assert.ok(performance.now() - start < 20_000, "it was not tried again");
      assert.match(error.message, /rejected the credentials/);
      assert.doesNotMatch(Deno.inspect(error), /CANARY/);
    }
    const url = redis.url.replace("//", "//default:CANARY-1@");
    await using store = await connectRedis({ url });
    await tokensIn(store.cacheFor("user")).save(tokens("1"), "refresh");
    assert.equal(
      (await tokensIn(store.cacheFor("user")).load()).accessToken.token,
      "A-1",
    );
  },
);

redisTest(
  "RedisCache says that it was locked out, at once, when the password changes while it runs",
  async () => {
    await using redis = await startRedis();
    await using store = await connectRedis({
      url: redis.url,
      retryTimeout: 30,
    });
    const cache = store.cacheFor("user");
    await tokensIn(cache).save(tokens("1"), "refresh");
    await redis.kill();
    await redis.start(["--requirepass", "CANARY-1"]);
    const error = await failsWith("cache_unreadable", tokensIn(cache).load());
    assert.match(error.message, /rejected the credentials/);
  },
);

redisTest(
  "RedisCache says that a replica is read-only, and connectRedis() warns of it",
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
      retryTimeout: 0.2,
      log: (message) => messages.push(message),
    });
    assert.match(messages.join("\n"), /is a read-only replica/);
    const error = await failsWith(
      "cache_unreadable",
      tokensIn(store.cacheFor("user")).save(tokens("1"), "refresh"),
    );
    assert.match(error.message, /is a read-only replica/);
    // It becomes the primary: what it refused is stored.
    await redis.command("REPLICAOF", "NO", "ONE");
    await until(async () =>
      (await tokensIn(store.cacheFor("user")).load()).refreshToken.token ===
        "R-1"
    );
  },
);

redisTest(
  "connectRedis() warns of a Redis that may evict or lose tokens",
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
    assert.match(await heard(false, []), /does not persist:/);
    assert.match(
      await heard(false, ["--save", "60", "1"]),
      /not persist every/,
    );
    assert.match(
      await heard(true, [
        "--maxmemory",
        "50mb",
        "--maxmemory-policy",
        "volatile-lru",
      ]),
      /^Redis evicts tokens .*volatile-lru.*noeviction$/,
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
    assert.deepEqual(auditConfig({ info: "" }), [], "who may not ask");
  },
);

redisTest(
  "connectRedis() speaks TLS, and says when the certificate is not trusted",
  async () => {
    await using tls = await startTlsRedis();
    const error = await failsWith(
      "cache_unreadable",
      connectRedis({
        url: `rediss://localhost:${tls.port}`,
        retryTimeout: 4,
      }),
    );
    assert.match(error.message, /certificate is not trusted/);
  },
);

/** The least that a user of Redis must be allowed, as docs/scale.md has it. */
function leastRights(): readonly string[] {
  const page = Deno.readTextFileSync(
    `${ROOT}docs/scale.md`,
  );
  const line = /^ACL SETUSER (\S+) (.*)$/m.exec(page);
  assert.ok(line !== null, "docs/scale.md has no ACL");
  return `${line[1]} ${line[2]}`.replace("PASSWORD", "CANARY-3").split(" ");
}

redisTest(
  "connectRedis() works over TLS for a user with the rights in docs/scale.md, and each of them is needed",
  async () => {
    await using tls = await startTlsRedis();
    const { redis, ca } = tls;
    const [user = "", ...rights] = leastRights();
    const run = async (allowed: readonly string[]) => {
      await redis.command("FLUSHALL");
      await redis.command("ACL", "SETUSER", user, "reset", ...allowed);
      const { stdout, stderr } = await denoProcess([
        "run",
        "-A",
        "--config=tests/deno.json",
        "tests/cache/redis/tls_child.ts",
        `rediss://${user}:CANARY-3@localhost:${tls.port}`,
      ], { cwd: ROOT, env: { DENO_CERT: ca } }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      const held = await redis.command(
        "EXISTS",
        "tdauth:{user}:refresh",
        "tdauth:{user}:login",
      );
      return {
        works: text(stdout) === "done\n" && held === 0,
        stderr: text(stderr),
      };
    };
    const { works, stderr } = await run(rights);
    assert.ok(works, stderr);
    // PING is sent every five seconds, and this takes less.
    const needed = rights.filter((text) => /^\+(?!ping)/.test(text));
    assert.ok(needed.length > 5);
    for (const right of needed) {
      const without = await run(rights.filter((other) => other !== right));
      assert.equal(without.works, false, `${right} is not needed`);
      assert.doesNotMatch(without.stderr, /CANARY/);
    }
  },
);

/** A Redis that also speaks TLS, on another port. */
async function startTlsRedis(): Promise<
  AsyncDisposable & {
    readonly redis: RedisServer;
    readonly port: number;
    readonly ca: string;
  }
> {
  await using stack = new AsyncDisposableStack();
  const { port } = stack.use(reservePort());
  const directory = stack.use(temporaryDirectory());
  const { cert, key, ca } = await localCertificate(directory.path);
  const redis = stack.use(
    await startRedis(false, [
      ...["--tls-port", String(port), "--tls-auth-clients", "no"],
      ...["--tls-cert-file", cert, "--tls-key-file", key],
    ]),
  );
  const all = stack.move();
  return {
    ...{ redis, port, ca },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A certificate for localhost, its key, and the CA that signed it, which no system trusts. */
async function localCertificate(
  directory: string,
): Promise<{ cert: string; key: string; ca: string }> {
  const make = async (name: string, subject: string, ...more: string[]) => {
    const { success } = await new Deno.Command("openssl", {
      args: [
        ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
          .split(" "),
        ...["-subj", `/CN=${subject}`, "-keyout", `${directory}/${name}.key`],
        ...["-out", `${directory}/${name}.pem`, ...more],
      ],
      stderr: "null",
    }).output();
    assert.ok(success, "openssl made no certificate");
    return `${directory}/${name}`;
  };
  const ca = await make("ca", "test");
  const leaf = await make(
    "leaf",
    "localhost",
    ...["-CA", `${ca}.pem`, "-CAkey", `${ca}.key`],
    ...["-addext", "subjectAltName=DNS:localhost"],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
  );
  return { cert: `${leaf}.pem`, key: `${leaf}.key`, ca: `${ca}.pem` };
}
