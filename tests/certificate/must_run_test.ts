import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mustRun, programRunner } from "../../src/certificate/must_run.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";

const ENV = { PATH: "/usr/bin:/bin" };

Deno.test(
  only(
    "Unix",
    "programRunner() passes a program its arguments unchanged, its input, and only the given environment",
  ),
  async () => {
    const run = programRunner(ENV);
    const echoed = await run({
      program: "printf",
      args: ["%s|", "$HOME; id", "`id`"],
    });
    assert.deepEqual(echoed, {
      code: 0,
      stdout: "$HOME; id|`id`|",
      stderr: "",
      timedOut: false,
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
  only("Unix", "programRunner() ends a program that takes too long"),
  async () => {
    const start = performance.now();
    const error = await failsWith(
      "certificate_failed",
      programRunner(ENV, 200)({ program: "sleep", args: ["60"] }),
    );
    assert.ok(performance.now() - start < 30_000);
    assert.match(error.message, /sleep did not end within 0\.2 seconds$/);
  },
);

Deno.test(
  only(
    "Unix",
    "programRunner() waits neither for what a program has started, nor ends it twice",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const started = `${directory.path}/started`;
    const sleeps = `sleep 300 & echo $! > '${started}'; exit 0`;
    const sleeper = () =>
      Number(existsSync(started) && Deno.readTextFileSync(started));
    // A busy machine may need longer to start anything.
    for (let limit = 500; sleeper() === 0; limit *= 3) {
      const error = await failsWith(
        "certificate_failed",
        programRunner(ENV, limit)({ program: "sh", args: ["-c", sleeps] }),
      );
      assert.ok(
        error.message.endsWith(`did not end within ${limit / 1000} seconds`),
        error.message,
      );
    }
    Deno.kill(sleeper(), "SIGKILL"); // it runs on: throws when it does not
  },
);

Deno.test(
  only(
    "Unix",
    "mustRun() reports which program failed, and which is not installed",
  ),
  async () => {
    const run = programRunner(ENV);
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
    assert.equal(`${missing.hint}`, "install no-such-program");
  },
);
