/** The modules as users import them: from JSR. */
import assert from "node:assert/strict";
import { redisTest, startRedis } from "../cache/redis/redis_server.ts";
import { assertDone, publishPackage } from "./registries.ts";

/** Logs in at the practice broker, refreshes, and tests a store. */
const LOGIN = `
import { authorize, MemCache } from "SPECIFIER";
import { startSandbox } from "SPECIFIER/sandbox";
import { storeTests, type TokenCache } from "SPECIFIER/testing";

await using sandbox = await startSandbox({
  broker: "schwab",
  callbackUrl: "https://127.0.0.1:0", // which needs a certificate
});
const td = await authorize({
  ...sandbox.app,
  sandbox: sandbox.url,
  storeTokens: false,
  openUrl: sandbox.approve,
  now: () => sandbox.now(),
});
const first: string | undefined = td.accessToken.token;
sandbox.advance(1801);
const second: string = await td.token();
if (!td.accessToken.valid || first === second) throw new Error("not refreshed");

const [test] = storeTests();
await test?.run(() => {
  const store: TokenCache = new MemCache();
  return Promise.resolve({ store, sameStore: store, otherAccount: new MemCache() });
});
console.log("logged in, refreshed");
`;

/** Keeps a text in Redis. */
const REDIS = `
import { connectRedis } from "SPECIFIER/redis";

await using redis = await connectRedis({ url: Deno.args[0] ?? "" });
const cache = redis.cacheFor("user");
await cache.write("kept", { kind: "login", expires: Date.now() / 1000 + 60 });
if (await cache.read() !== "kept") throw new Error("not kept");
await cache.clear();
console.log("kept");
`;

Deno.test("authorize(), startSandbox() and storeTests() work in a script that imports them from JSR, which passes deno check, and again without a network", async () => {
  await runTwice(LOGIN, "logged in, refreshed\n");
});

redisTest(
  "connectRedis() works in a script that imports it from JSR, and again without a network",
  async () => {
    await using redis = await startRedis();
    await runTwice(REDIS, "kept\n", redis.url);
  },
);

/** Runs a user's script, once with a network and once without. */
async function runTwice(
  script: string,
  expected: string,
  ...args: readonly string[]
): Promise<void> {
  await using registries = await publishPackage();
  await using user = registries.user();
  const path = `${user.home}/script.ts`;
  const { specifier } = registries;
  Deno.writeTextFileSync(path, script.replaceAll("SPECIFIER", specifier));
  const run = async (...flags: readonly string[]) => {
    const result = await user.deno(["run", ...flags, path, ...args]);
    assertDone(result);
    assert.equal(result.stdout, expected);
  };
  await run("--allow-all");
  const asked = registries.requests();
  assert.ok(asked.some((path) => path.endsWith(".ts")), "from JSR");
  assert.ok(asked.some((path) => path.endsWith(".tgz")), "from npm");
  assertDone(await user.deno(["check", "--quiet", path]));
  await registries.stop();
  await run("--allow-all", "--cached-only");
  assertDone(await user.deno(["check", "--quiet", path]));
}
