import assert from "node:assert/strict";
import { mustRun, toolRunner } from "../../src/trust/run_tool.ts";
import { failsWith, only } from "../support.ts";

const ENV = { PATH: "/usr/bin:/bin" };

Deno.test(
  only(
    "Unix",
    "toolRunner() gives a program its arguments as they are, its input, and no more of the environment than it was given",
  ),
  async () => {
    const run = toolRunner(ENV);
    const echoed = await run({
      program: "printf",
      args: ["%s|", "$HOME; id", "`id`"],
    });
    assert.deepEqual(echoed, {
      code: 0,
      stdout: "$HOME; id|`id`|",
      stderr: "",
    });
    assert.equal(
      (await run({ program: "cat", args: [], input: "a\n" })).stdout,
      "a\n",
    );
    assert.equal(
      (await run({ program: "env", args: [] })).stdout,
      "PATH=/usr/bin:/bin\n",
    );
    assert.equal(
      (await run({ program: "true", args: [], input: "x" })).code,
      0,
    );
  },
);

Deno.test(
  only("Unix", "toolRunner() ends a program that takes too long"),
  async () => {
    const start = performance.now();
    const error = await failsWith(
      "certificate_failed",
      toolRunner(ENV, 200)({ program: "sleep", args: ["60"] }),
    );
    assert.ok(performance.now() - start < 30_000);
    assert.match(error.message, /sleep did not end within 0\.2 seconds$/);
  },
);

Deno.test(
  only(
    "Unix",
    "toolRunner() waits neither for what a program has started, nor ends it twice",
  ),
  async () => {
    const sleeps = "sleep 20 & exit 0";
    const error = await failsWith(
      "certificate_failed",
      toolRunner(ENV, 500)({ program: "sh", args: ["-c", sleeps] }),
    );
    assert.match(error.message, /did not end within 0\.5 seconds$/);
  },
);

Deno.test(
  only(
    "Unix",
    "mustRun() tells which program failed, and which is not installed",
  ),
  async () => {
    const run = toolRunner(ENV);
    const failed = await failsWith(
      "certificate_failed",
      mustRun(run, { program: "false", args: [] }, "do it"),
    );
    assert.equal(
      failed.message,
      "Cannot do it: false failed with exit code 1",
    );
    const missing = await failsWith(
      "certificate_failed",
      mustRun(run, { program: "no-such-program", args: [] }, "do it"),
    );
    assert.equal(missing.hint, "install no-such-program");
  },
);
