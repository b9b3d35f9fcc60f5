/** `deno compile` of the package from JSR. */
import assert from "node:assert/strict";
import { startMachine, useProgram } from "../cli/machine.ts";
import { executable } from "../executable/executable.ts";
import { only } from "../support.ts";
import { denoEnvironment } from "../../tools/deno.ts";
import { runEveryCommand } from "./every_command.ts";
import { assertDone, publishPackage } from "./registries.ts";

const program = await executable();
const title =
  "deno compile of jsr:@tdauth/tdauth/cli leaves out what it cannot see, and the executable names the flag with which it holds everything";
const { name, ignore } = only("Unix", title);

Deno.test({
  name: "missing" in program
    ? `${title} (ignored: there is no executable: ${program.missing})`
    : name,
  ignore: ignore || "missing" in program,
  fn: async (test) => {
    if ("missing" in program) return;
    const { deno, env } = program.compiler;
    await using registries = await publishPackage();
    await using user = registries.user();
    const path = `${user.home}/tdauth`;
    // The runtime, where it was downloaded.
    Deno.mkdirSync(user.env["DENO_DIR"] ?? "");
    Deno.symlinkSync(
      `${denoEnvironment().DENO_DIR}/dl`,
      `${user.env["DENO_DIR"]}/dl`,
    );
    const compile = async (...flags: readonly string[]) => {
      const entry = `${registries.specifier}/cli`;
      assertDone(
        await user.run(
          deno,
          ["compile", "-A", "--no-check", ...flags, `--output=${path}`, entry],
          { ...env, ...user.env },
        ),
      );
    };

    await compile();
    useProgram(path);
    await using machine = await startMachine();
    const { code, stdout, stderr } = await machine.run(["--help"]);
    assert.deepEqual([code, stdout], [5, ""], stderr);
    const [, include = ""] =
      /^tdauth: cannot load .*\nhint: compile again with (--include=\S+), or/
        .exec(stderr) ?? [];
    assert.notEqual(include, "", stderr);

    await compile(include);
    await registries.stop();
    await runEveryCommand(test, `${path} sandbox --approve`, "login");
  },
});
