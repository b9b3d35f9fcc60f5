/** Programs that are killed with all that they have started. */
import assert from "node:assert/strict";
import { isRunning, untilEnded } from "../hooks/processes.ts";
import { childEnvironment } from "../../src/system/child_environment.ts";
import { runGroup, type RunGroupOptions } from "../../src/system/run_group.ts";
import { only, temporaryDirectory } from "../support.ts";

const FOREVER = 600_000;

function run(script: string, options: Partial<RunGroupOptions> = {}) {
  return runGroup({ program: "sh", args: ["-c", script], input: "in\n" }, {
    environment: childEnvironment("tool"),
    limit: FOREVER,
    longest: 1000,
    ...options,
  });
}

Deno.test({
  ...only(
    "Unix",
    "runGroup() passes a program its input and returns its exit code and both outputs",
  ),
  async fn() {
    assert.deepEqual(await run("cat; echo err >&2; exit 3"), {
      code: 3,
      stdout: "in\n",
      stderr: "err\n",
      timedOut: false,
    });
  },
});

Deno.test({
  ...only(
    "Unix",
    "runGroup() kills at its timeout what the program has started, too",
  ),
  async fn() {
    await using directory = temporaryDirectory();
    const fifo = `${directory.path}/fifo`;
    await new Deno.Command("mkfifo", { args: [fifo] }).output();
    let expire = () => {};
    const ended = run(
      `sleep 600 & echo $! $$ >${fifo}; wait`,
      {
        limit: 10_000,
        after: (milliseconds, act) => {
          assert.equal(milliseconds, 10_000);
          expire = act;
          return () => {};
        },
      },
    );
    const started = (await Deno.readTextFile(fifo)).trim().split(" ")
      .map(Number);
    assert.equal(started.length, 2);
    assert.ok(started.every(isRunning));
    expire();
    const { code, timedOut } = await ended;
    assert.deepEqual([code, timedOut], [-1, true]);
    for (const pid of started) await untilEnded(pid);
  },
});

Deno.test({
  ...only("Unix", "runGroup() kills the group when its signal is aborted"),
  async fn() {
    await using directory = temporaryDirectory();
    const fifo = `${directory.path}/fifo`;
    await new Deno.Command("mkfifo", { args: [fifo] }).output();
    const stop = new AbortController();
    const ended = run(`sleep 600 & echo $! >${fifo}; wait`, {
      signal: stop.signal,
    });
    const child = Number(await Deno.readTextFile(fifo));
    assert.ok(isRunning(child));
    stop.abort();
    assert.equal((await ended).code, -1);
    await untilEnded(child);
  },
});

Deno.test({
  ...only(
    "Unix",
    "runGroup() keeps the beginning of a long output, and reads the rest",
  ),
  async fn() {
    const { code, stdout } = await run(
      "head -c 3000000 /dev/zero | tr '\\0' x",
    );
    assert.deepEqual([code, stdout], [0, "x".repeat(1000)]);
  },
});

Deno.test({
  ...only(
    "Unix",
    "runGroup() does not wait for what the program leaves running, and lets it run",
  ),
  async fn() {
    const { code, stdout } = await run("sleep 600 & echo $!");
    const child = Number(stdout);
    assert.equal(code, 0);
    assert.ok(isRunning(child));
    Deno.kill(child, "SIGKILL");
    await untilEnded(child);
  },
});

Deno.test({
  ...only(
    "Unix",
    "runGroup() does not mind a program that leaves a long input unread",
  ),
  async fn() {
    const { code } = await runGroup(
      { program: "true", args: [], input: "x".repeat(2_000_000) },
      { environment: childEnvironment("tool"), limit: FOREVER, longest: 10 },
    );
    assert.equal(code, 0);
  },
});
