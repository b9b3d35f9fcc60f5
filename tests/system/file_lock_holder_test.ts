/** Who holds a lock: what the holder writes into the lock file, and what others take from it. */
import assert from "node:assert/strict";
import { withFileLock } from "../../src/system/file_lock.ts";
import { holderIn, holderText } from "../../src/system/lock_holder.ts";
import { temporaryDirectory } from "../support.ts";

Deno.test("withFileLock() has its process and command in the lock file while it runs, and never longer", async () => {
  await using work = temporaryDirectory();
  const path = `${work.path}/lock`;
  const said = await withFileLock(
    path,
    () => Promise.resolve(Deno.readTextFileSync(path)),
    { command: "tdauth login" },
  );
  assert.equal(said, `${Deno.pid} tdauth login\n`);
  assert.equal(Deno.readTextFileSync(path), "");
  const failed = withFileLock(path, () => Promise.reject(new Error("no")));
  await assert.rejects(failed, /no/);
  assert.equal(Deno.readTextFileSync(path), "");
});

Deno.test("withFileLock() names a script by its main module, and puts no control character into the file", async () => {
  await using work = temporaryDirectory();
  const path = `${work.path}/lock`;
  const said = (command?: string) =>
    withFileLock(
      path,
      () => Promise.resolve(holderIn(path)),
      command === undefined ? {} : { command },
    );
  const name = new URL(Deno.mainModule).pathname.split("/").at(-1);
  assert.deepEqual(await said(), { pid: Deno.pid, command: name });
  assert.equal((await said("a\x1b[2Jb\nc\u009bd"))?.command, "a?[2Jb?c?d");
});

Deno.test("withFileLock() leaves nothing of a longer record of a process that was killed", async () => {
  await using work = temporaryDirectory();
  const path = `${work.path}/lock`;
  Deno.writeTextFileSync(path, `4000000000 ${"x".repeat(90)}\n`);
  const said = await withFileLock(
    path,
    () => Promise.resolve(Deno.readTextFileSync(path)),
    { command: "a" },
  );
  assert.equal(said, `${Deno.pid} a\n`);
});

Deno.test("holderIn() takes nothing from a lock file that is not a record", async () => {
  await using work = temporaryDirectory();
  const path = `${work.path}/lock`;
  assert.equal(holderIn(path), undefined);
  for (
    const text of [
      ...["", "\n", "12\n", "12 \n", "x tdauth\n", "0 tdauth\n", "-1 tdauth\n"],
      ...["12 tdauth", "12 \x1b[2J\n", "12 a\tb\n", "12 \u009b2J\n"],
      ...["12345678901 tdauth\n", `12 ${"x".repeat(101)}\n`, "\0".repeat(1e6)],
    ]
  ) {
    Deno.writeTextFileSync(path, text);
    assert.equal(holderIn(path), undefined, JSON.stringify(text).slice(0, 40));
  }
  assert.equal(holderText(undefined), "another process");
});
