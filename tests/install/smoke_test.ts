import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { PERMISSIONS } from "../../tools/compile.ts";
import { only, temporaryDirectory } from "../support.ts";
import { denoLine, denoProcess } from "../../tools/deno.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

Deno.test(
  only(
    "Unix",
    "tools/smoke.ts passes for the command with the executable's permissions alone",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const program = `${directory.path}/tdauth`;
    const line = denoLine("run", ...PERMISSIONS, `${root}cli.ts`);
    Deno.writeTextFileSync(
      program,
      `#!/bin/sh\nexec ${line} "$@"\n`,
    );
    const { success, stdout, stderr } = await denoProcess(
      ["run", "-A", `${root}tools/smoke.ts`, program],
      {
        env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
        signal: AbortSignal.timeout(300_000),
      },
    ).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    assert.equal(new TextDecoder().decode(stdout), `${program} works\n`);
  },
);

Deno.test("docs/installing.md names the permissions that the executable has", () => {
  const text = Deno.readTextFileSync(`${root}docs/installing.md`);
  const command = text.match(/deno install -g --name tdauth \\\n(.*) \\\n/)
    ?.[1];
  assert.deepEqual(
    command?.trim().split(" ").sort(),
    PERMISSIONS.filter((flag) => flag.startsWith("--allow")).sort(),
  );
});
