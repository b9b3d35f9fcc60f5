/** `deno install` from JSR, as docs/installing.md says it. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { useProgram } from "../cli/machine.ts";
import { only } from "../support.ts";
import { DENO } from "../../tools/deno.ts";
import { runEveryCommand } from "./every_command.ts";
import { assertDone, publishPackage } from "./registries.ts";

/** A command of the document, the one in a block that begins so. */
function documented(start: string): string {
  const text = Deno.readTextFileSync(
    new URL("../../docs/installing.md", import.meta.url),
  );
  const [block] = [...text.matchAll(/^```sh\n([^]*?)^```/gm)]
    .map(([, block = ""]) => block).filter((block) => block.startsWith(start));
  return block ?? assert.fail(`docs/installing.md has no block ${start}`);
}

Deno.test({
  ...only(
    "Unix",
    "the documented deno install downloads everything: the installed tdauth logs in without a network",
  ),
  fn: async (test) => {
    await using registries = await publishPackage();
    await using user = registries.user();
    const root = `${user.home}/installed`;
    const path = `${dirname(DENO)}:/bin:/usr/bin`;
    const env = { PATH: path, DENO_INSTALL_ROOT: root };
    const install = documented("deno install -g");
    assertDone(await user.run("sh", ["-ec", install], env));
    assert.ok(registries.requests().length > 100);
    await registries.stop();
    const tdauth = `${root}/bin/tdauth`;
    useProgram(tdauth, { ...user.env, PATH: path });
    await runEveryCommand(test, `${tdauth} sandbox --approve`, "login");
  },
});
