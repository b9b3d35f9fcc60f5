import assert from "node:assert/strict";
import { createFile, replaceFile, setMode } from "../../src/system/files.ts";
import { withFileLock } from "../../src/system/file_lock.ts";
import { lockStateOf } from "../../src/system/lock_state.ts";
import { withTemporaryFile } from "../../src/system/temporary_file.ts";
import { modeOf } from "../cli/asserts.ts";
import { only, temporaryDirectory } from "../support.ts";

Deno.test("createFile() writes over nothing", async () => {
  await using work = temporaryDirectory();
  const path = `${work.path}/file`;
  createFile(path, "text", 0o600);
  assert.throws(
    () => createFile(path, "other", 0o600),
    Deno.errors.AlreadyExists,
  );
  assert.equal(Deno.readTextFileSync(path), "text");
});

Deno.test({
  ...only(
    "Unix",
    "replaceFile() replaces a link, keeps what it led to and leaves nothing else behind",
  ),
  fn: async () => {
    await using work = temporaryDirectory();
    const [file, link] = [`${work.path}/file`, `${work.path}/link`];
    Deno.writeTextFileSync(file, "old");
    Deno.symlinkSync(file, link);
    replaceFile(link, "new", 0o600);
    assert.equal(Deno.readTextFileSync(file), "old");
    assert.equal(Deno.readTextFileSync(link), "new");
    assert.equal(modeOf(link), 0o600);
    // A directory cannot be replaced, and the new file goes.
    Deno.mkdirSync(`${work.path}/directory/in`, { recursive: true });
    assert.throws(() => replaceFile(`${work.path}/directory`, "x", 0o600));
    setMode(link, 0o640);
    assert.equal(modeOf(link), 0o640);
    assert.deepEqual(
      [...Deno.readDirSync(work.path)].map(({ name }) => name).sort(),
      ["directory", "file", "link"],
    );
  },
});

Deno.test("withTemporaryFile() shows a file to its user alone, and removes it whatever happens", async () => {
  let seen = "";
  await assert.rejects(
    withTemporaryFile("a.pem", "text", (path) => {
      seen = path;
      assert.equal(Deno.readTextFileSync(path), "text");
      if (Deno.build.os !== "windows") assert.equal(modeOf(path), 0o600);
      return Promise.reject(new Error("failed"));
    }),
    /failed/,
  );
  assert.match(seen, /a\.pem$/);
  assert.throws(() => Deno.statSync(seen.slice(0, -6)), Deno.errors.NotFound);
});

Deno.test("lockStateOf() tells a lock that is held from one that is free", async () => {
  await using work = temporaryDirectory();
  const path = `${work.path}/lock`;
  assert.throws(() => lockStateOf(path), Deno.errors.NotFound);
  await withFileLock(path, () => {
    assert.match(lockStateOf(path), /held|unknown/);
    return Promise.resolve();
  });
  assert.match(lockStateOf(path), /free|unknown/);
});
