import assert from "node:assert/strict";
import { startMachine } from "./machine.ts";
import { only } from "../support.ts";

/** Standard output leads to a reader that has gone. */
const NO_READER = `mkfifo gone; (exec 4<gone) & exec 3>gone; wait; "$@" >&3`;

for (
  const [args, code] of [
    [["token"], 0],
    [["header"], 0],
    [["status"], 0],
    [["status", "--fail-within", "99d"], 3],
    [["help"], 0],
    [["man"], 0],
    [["fetch", "/trader/v1/accounts"], 0],
  ] as const
) {
  Deno.test(
    only(
      "Unix",
      `tdauth ${
        args.join(" ")
      } is quiet, and exits as ever, when its output is closed`,
    ),
    async () => {
      await using machine = await startMachine();
      await machine.signIn();
      const result = await machine.run(args, {
        env: machine.appEnv,
        under: NO_READER,
      });
      assert.equal(result.code, code, result.stderr);
      assert.ok(!/broken pipe|cannot write/i.test(result.stderr));
    },
  );
}

for (const command of ["token", "status", "help"]) {
  Deno.test(
    only(
      "Linux",
      `tdauth ${command} reports that standard output is not writable`,
    ),
    async () => {
      await using machine = await startMachine();
      await machine.signIn();
      const result = await machine.run([command], {
        env: machine.appEnv,
        under: `"$@" >/dev/full`,
      });
      assert.equal(result.code, 1);
      assert.equal(
        result.stderr,
        "tdauth: cannot write to standard output: no space left on device\n" +
          "hint: check what it points to\n",
      );
    },
  );
}

for (const command of [["status"], ["doctor", "--offline"]]) {
  Deno.test(`tdauth ${command[0]} rejects a setting with control characters, and prints none of them`, async () => {
    await using machine = await startMachine();
    Deno.writeTextFileSync(
      `${machine.cwd}/.env`,
      `TD_CONSUMER_KEY="\x1b]0;pwned\x07\x1b[31mK"\nTD_PROVIDER=schwab\nTD_CALLBACK_URL=https://127.0.0.1:8182\n`,
    );
    const { code, stdout, stderr } = await machine.run(command);
    assert.notEqual(code, 0);
    assert.match(
      (stdout + stderr).replace(/\s+/g, " "),
      /cannot use consumerKey \(TD_CONSUMER_KEY, from \.env\): it contains control characters/i,
    );
    // deno-lint-ignore no-control-regex -- these are what it is about
    assert.ok(!/[\x00-\x09\x0b-\x1f]|pwned/.test(stdout + stderr));
  });
}
