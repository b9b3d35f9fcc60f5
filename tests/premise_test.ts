import assert from "node:assert/strict";
import { DiskCache, MemCache } from "../mod.ts";
import { assertKilled, holdTurn, Overlap, stop, until } from "./premise.ts";
import { only, temporaryDirectory } from "./support.ts";

Deno.test("until() waits until it has happened, and fails when the process without which it cannot has ended", async () => {
  let looks = 0;
  await until("the third look", () => ++looks === 3);
  assert.equal(looks, 3);
  await assert.rejects(
    until("rain", () => false, { ended: true }),
    /the process ended, and never: rain/,
  );
});

Deno.test("Overlap tells what ran at the same moment from what ran one after the other", async () => {
  const [together, alone] = [new Overlap(), new Overlap()];
  const gate = Promise.withResolvers<void>();
  const both = [1, 2].map(() => together.during(() => gate.promise));
  assert.equal(together.inside, 2);
  gate.resolve();
  await Promise.all(both);
  for (let times = 0; times < 2; times++) {
    await alone.during(() => Promise.resolve());
  }
  await assert.rejects(alone.during(() => Promise.reject(new Error("no"))));
  assert.deepEqual([together.most, together.inside], [2, 0]);
  assert.deepEqual([alone.most, alone.inside], [1, 0]);
});

Deno.test(
  only(
    "Unix",
    "stop() lets a process stand still, and assertKilled() tells a killed one from one that ended",
  ),
  async () => {
    const start = (script: string) =>
      new Deno.Command("sh", { args: ["-c", script] }).spawn();
    const stopped = start("kill -TERM $$");
    assertKilled(await stopped.status, "SIGTERM");
    const sleeper = start("exec sleep 300");
    await stop(sleeper);
    sleeper.kill("SIGTERM"); // which waits for it to go on
    sleeper.kill("SIGKILL");
    assertKilled(await sleeper.status);
    const ended = await start("exit 3").status;
    assert.throws(() => assertKilled(ended), /ended by itself, with 3/);
  },
);

Deno.test("holdTurn() lets all others wait until it is released, in any view of the store", async () => {
  await using directory = temporaryDirectory();
  const disk = () => new DiskCache(directory.path, "tokens");
  const memory = new MemCache();
  for (const [cache, other] of [[disk(), disk()], [memory, memory]] as const) {
    const turn = await holdTurn(cache, "refresh");
    let ran = false;
    const waiting = other.exclusive("refresh", () => {
      ran = true;
      return Promise.resolve();
    });
    await other.exclusive("login", () => Promise.resolve());
    assert.equal(ran, false);
    await turn.release();
    await waiting;
    assert.equal(ran, true);
  }
});
