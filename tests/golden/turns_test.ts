/** Processes of the code of c2180da and of that of today share one store. */
import assert from "node:assert/strict";
import { Running } from "../cli/process.ts";
import { opens } from "../cli/processes.ts";
import { putUpBarrier } from "../processes/barrier.ts";
import { sandboxPlace } from "../processes/place.ts";
import { redisTest, startRedis } from "../cache/redis/redis_server.ts";
import { only } from "../support.ts";
import { deno } from "../../tools/deno.ts";
import { loadOld } from "./old.ts";
import { APP, environment, KEYS, path, type Place, place } from "./place.ts";

const ROUNDS = 40;
/** How often the two processes may be started until they have met often enough. */
const TRIES = 6;
const SIDES = ["old", "new"] as const;
type Side = typeof SIDES[number];

/** Starts a process of either code. */
function start(
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Running {
  const [deno_, ...words] = deno("run", "-A", path(program), ...args);
  return new Running(deno_, { args: words, cwd, env });
}

/** Runs one process of each code at the same time; both must succeed. */
async function both(
  at: Place,
  where: string,
  work: string,
  rounds: number,
  log = "",
): Promise<void> {
  await using gate = putUpBarrier();
  const env = environment(at, { BARRIER_PORT: String(gate.port) });
  const processes = SIDES.map((side) =>
    start("turns_child.ts", [side, where, work, `${rounds}`, log], at.home, env)
  );
  await gate.release(processes);
  for (const { result } of processes) {
    const { code, stderr } = await result;
    assert.equal(code, 0, stderr);
  }
}

/** Reads a log of turns: how often each waited while the other had its turn. Fails where both had one. */
function waits(log: string): Record<Side, number> {
  const waited = { old: 0, new: 0 };
  const wants = new Map<string, { behind: boolean }>();
  let inside: string | undefined;
  for (const line of log.trim().split("\n")) {
    const [side = "", what] = line.split(" ");
    if (what === "wants") wants.set(side, { behind: inside !== undefined });
    if (what === "leaves") inside = undefined;
    if (what !== "enters") continue;
    assert.equal(inside, undefined, `${side} entered while the other was in`);
    inside = side;
    if (wants.get(side)?.behind) waited[side === "old" ? "old" : "new"]++;
    wants.delete(side);
    // The other, where it wants a turn, waits for this one.
    for (const want of wants.values()) want.behind = true;
  }
  return waited;
}

async function assertTurns(
  at: Place,
  where: string,
  work: "refresh" | "login",
): Promise<void> {
  const log = `${at.home}/log`;
  const waited = { old: 0, new: 0 };
  const enough = () => SIDES.every((side) => waited[side] > 5);
  // A busy machine may run the two one after the other: then once more.
  for (let tries = 0; tries < TRIES && !enough(); tries++) {
    Deno.writeTextFileSync(log, "");
    await both(at, where, work, ROUNDS, log);
    const text = Deno.readTextFileSync(log);
    assert.equal(text.match(/enters/g)?.length, 2 * ROUNDS);
    const more = waits(text);
    for (const side of SIDES) waited[side] += more[side];
  }
  assert.ok(enough(), `they waited ${JSON.stringify(waited)} times only`);
}

for (const work of ["refresh", "login"] as const) {
  Deno.test(`DiskCache.exclusive("${work}") takes turns with a process of c2180da`, async () => {
    await using at = place();
    await assertTurns(at, `${at.configDir}/${APP}`, work);
  });

  redisTest(
    `RedisCache.exclusive("${work}") takes turns with a process of c2180da`,
    async () => {
      await using at = place();
      await using redis = await startRedis();
      await assertTurns(at, redis.url, work);
    },
  );
}

Deno.test("DiskCache keeps every token when a process of c2180da writes the same file", async () => {
  await using at = place();
  await both(at, `${at.configDir}/${APP}`, "write", 100);
  const { DiskCache } = await loadOld();
  const { accessToken, refreshToken } = await new DiskCache(at.configDir, APP)
    .load();
  assert.deepEqual([accessToken.token, refreshToken.token], [
    "old-100",
    "new-100",
  ]);
});

/** One has sent a refresh when the other comes, waits for it, and has the same new token. */
async function assertOneRefresh(
  first: Side,
  { sealed = false, inRedis = false },
): Promise<void> {
  await using at = await sandboxPlace({ rotation: "kill" });
  await using stack = new AsyncDisposableStack();
  const redis = inRedis ? stack.use(await startRedis()) : undefined;
  const where = redis === undefined ? [] : [redis.url];
  const env = { ...at.env, ...sealed && { TD_CACHE_KEY: KEYS.key } };
  const [directory = "", name = ""] = at.tokenPath.split(/\/(?=[^/]*$)/);
  const { connectRedis, DiskCache, rawKey, SealedCache } = await loadOld();
  const disk = new DiskCache(directory, name);
  const { refreshToken: { token: before } } = await disk.load();
  if (sealed) {
    Deno.writeTextFileSync(
      `${directory}/config.json`,
      JSON.stringify({ profiles: { default: { seal: "key" } } }),
    );
    const cache = new SealedCache(disk, rawKey(KEYS.key), { name });
    await cache.save(await cache.load());
    assert.match(Deno.readTextFileSync(at.tokenPath), /tdauth-sealed:1:key:/);
  }
  if (redis !== undefined) {
    await using store = await connectRedis({ url: redis.url });
    await store.cacheFor("user").save(await disk.load());
  }
  at.holdNext(3000);
  await using gate = putUpBarrier();
  const second = first === "old" ? "new" : "old";
  // It has loaded everything before the first one begins.
  const other = start("refresh_child.ts", [second, ...where], at.cwd, {
    ...env,
    BARRIER_PORT: String(gate.port),
  });
  const one = start("refresh_child.ts", [first, ...where], at.cwd, env);
  await Promise.race([at.untilAsked(1), one.result]);
  await gate.release([other]);
  await other.sees(/asks/);
  if (redis === undefined) await opens(other, ".refresh.lock");
  assert.ok(!one.ended, "it is still in its turn");
  const [a, b] = await Promise.all([one.result, other.result]);
  assert.deepEqual([a.code, b.code], [0, 0], `${a.stderr}${b.stderr}`);
  assert.equal(at.asked(), 1);
  assert.ok(a.stdout !== "" && a.stdout === b.stdout, "two tokens");
  assert.ok(await at.takes(a.stdout));
  assert.equal(await at.present(before ?? ""), 400, "it was used");
}

for (const first of SIDES) {
  const who = first === "old"
    ? "authorize() waits for a refresh that a process of c2180da has sent"
    : "a process of c2180da waits for a refresh that authorize() has sent";
  Deno.test(
    only("Linux", `${who}, and has its token`),
    () => assertOneRefresh(first, {}),
  );
  Deno.test(
    only("Linux", `${who}, and has its token, which is sealed with a key`),
    () => assertOneRefresh(first, { sealed: true }),
  );
  redisTest(
    `${who}, and has its token, which is in Redis`,
    () => assertOneRefresh(first, { inRedis: true }),
  );
}
