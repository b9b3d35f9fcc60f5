/** A write in a directory with thousands of files does not look through all of them each time. */
import assert from "node:assert/strict";
import { updateFile } from "../../src/system/atomic_file.ts";
import { temporaryDirectory } from "../support.ts";

for (const [files, swept] of [[10, true], [1100, false]] as const) {
  Deno.test(`updateFile() sweeps a directory of ${files} files ${swept ? "at every write" : "once in a while"}`, async () => {
    await using work = temporaryDirectory();
    for (let index = 0; index < files; index++) {
      Deno.writeTextFileSync(`${work.path}/other-${index}`, "");
    }
    const dead = `${work.path}/.tokens.${"0".repeat(32)}.tdauth.tmp`;
    const isSwept = (): boolean => {
      Deno.writeTextFileSync(dead, "");
      updateFile(`${work.path}/tokens`, (old = "") => `${old}x`);
      return [...Deno.readDirSync(work.path)].every(({ name }) =>
        !dead.endsWith(name)
      );
    };
    assert.equal(isSwept(), true, "the first write");
    assert.equal(isSwept(), swept, "the second");
    assert.equal(Deno.readTextFileSync(`${work.path}/tokens`), "xx");
  });
}
