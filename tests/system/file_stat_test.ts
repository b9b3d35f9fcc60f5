import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  isDirectory,
  isFile,
  isForeign,
  isLink,
  isOpenToOthers,
  isThere,
  lstatOf,
  statOf,
} from "../../src/system/file_stat.ts";
import { only, temporaryDirectory } from "../support.ts";

Deno.test("statOf() and lstatOf() have nothing where nothing is", async () => {
  await using work = temporaryDirectory();
  assert.equal(statOf(`${work.path}/none`), undefined);
  assert.equal(lstatOf(`${work.path}/none`), undefined);
  assert.equal(statOf(work.path)?.kind, "directory");
});

Deno.test({
  ...only(
    "Unix",
    "lstatOf() looks at a link itself, and statOf() where it leads",
  ),
  fn: async () => {
    await using work = temporaryDirectory();
    const file = `${work.path}/file`;
    const link = `${work.path}/link`;
    const lost = `${work.path}/lost`;
    Deno.writeTextFileSync(file, "text", { mode: 0o600 });
    Deno.symlinkSync(file, link);
    Deno.symlinkSync(`${file}2`, lost);
    assert.equal(lstatOf(link)?.kind, "link");
    assert.equal(statOf(link)?.kind, "file");
    assert.equal(statOf(lost), undefined);
    assert.deepEqual([file, link, lost].map(isLink), [false, true, true]);
    assert.deepEqual([file, link, lost].map(isFile), [true, true, false]);
    assert.deepEqual([file, link, lost].map(isThere), [true, true, true]);
    assert.deepEqual([file, work.path].map(isDirectory), [false, true]);
  },
});

Deno.test({
  ...only(
    "Unix",
    "isOpenToOthers() tells every bit of the group's and of others'",
  ),
  fn: async () => {
    await using work = temporaryDirectory();
    const path = `${work.path}/file`;
    Deno.writeTextFileSync(path, "");
    for (const mode of [0o600, 0o700, 0o640, 0o610, 0o604, 0o601, 0o602]) {
      Deno.chmodSync(path, mode);
      assert.equal(statOf(path)?.mode, mode);
      assert.equal(isOpenToOthers(statOf(path)), (mode & 0o077) !== 0);
    }
    assert.ok(!isOpenToOthers(undefined));
  },
});

Deno.test("isForeign() tells another user's file, where there are users", () => {
  const stat = statOf(fileURLToPath(import.meta.url));
  assert.ok(stat !== undefined);
  const uid = Deno.uid();
  if (uid === null) return assert.ok(!isForeign(stat));
  assert.ok(!isForeign({ ...stat, uid }));
  assert.ok(isForeign({ ...stat, uid: uid + 1 }));
});
