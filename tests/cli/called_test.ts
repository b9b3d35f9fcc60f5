import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DENO_VERSION } from "../../src/base/deno_version.ts";
import { denoProcess } from "../../tools/deno.ts";
import { temporaryDirectory } from "../support.ts";

const RUN = "deno run -A".slice(5);
const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(
  /[\\/]$/,
  "",
);

/** What `status` says on a machine without settings. */
async function hintIn(cwd: string, home: string): Promise<string> {
  const { stderr } = await status(cwd, home);
  return new TextDecoder().decode(stderr);
}

function status(
  cwd: string,
  home: string,
  ...flags: string[]
): Promise<Deno.CommandOutput> {
  return denoProcess(
    ["run", "-A", `${ROOT}/cli.ts`, "status", "--profile", "work", ...flags],
    { cwd, env: { HOME: home, TD_CONFIG_DIR: home, NO_COLOR: "1" } },
  ).output();
}

Deno.test("a hint in a clone is a command that works there when it is pasted", async () => {
  await using home = temporaryDirectory();
  const said = await hintIn(ROOT, home.path);
  const [, line] = /\nhint: make it: (.*)\n$/.exec(said) ?? [];
  assert.equal(
    line,
    `npx -y deno@${DENO_VERSION} task cli configure --profile work`,
    said,
  );
  const [, task = ""] = /task (.*)$/.exec(line ?? "") ?? [];
  const pasted = await denoProcess(
    ["task", task.split(" ")[0] ?? "", "configure", "--help"],
    { cwd: ROOT, env: { NO_COLOR: "1" } },
  ).output();
  assert.match(new TextDecoder().decode(pasted.stdout), /tdauth configure/);
});

Deno.test("a hint outside of the clone that runs names its command's file", async () => {
  await using home = temporaryDirectory();
  const said = await hintIn(home.path, home.path);
  assert.ok(
    said.includes(
      `\nhint: make it: npx -y deno@${DENO_VERSION} ${RUN} ${ROOT}/cli.ts configure --profile work\n`,
    ),
    said,
  );
});

Deno.test("an error as JSON has its hint's command as words", async () => {
  await using home = temporaryDirectory();
  const { stdout } = await status(home.path, home.path, "--json");
  const { error } = JSON.parse(new TextDecoder().decode(stdout));
  assert.equal(error.code, "invalid_options");
  assert.match(error.hint, /^make it: .*configure --profile work$/);
  assert.deepEqual(error.command, ["configure", "--profile", "work"]);
});
