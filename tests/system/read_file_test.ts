import assert from "node:assert/strict";
import { readRegularFile } from "../../src/system/read_file.ts";
import { readTextIfThere } from "../../src/system/read_text.ts";
import { only, temporaryDirectory } from "../support.ts";

Deno.test("readRegularFile() reads a file up to its limit, and no longer one", async () => {
  await using work = temporaryDirectory();
  const path = `${work.path}/file`;
  Deno.writeTextFileSync(path, "12345");
  const read = readRegularFile(path, 5);
  assert.ok(typeof read === "object");
  assert.equal(new TextDecoder().decode(read.bytes), "12345");
  assert.equal(read.stat.size, 5);
  assert.equal(readRegularFile(path, 4), "too long");
  assert.equal(readRegularFile(work.path, 5), "directory");
  assert.throws(() => readRegularFile(`${path}2`, 5), Deno.errors.NotFound);
});

Deno.test({
  ...only(
    "Linux",
    "readRegularFile() stops at its limit where a file says no length",
  ),
  fn: () => {
    assert.equal(Deno.statSync("/proc/self/maps").size, 0);
    assert.equal(readRegularFile("/proc/self/maps", 100), "too long");
  },
});

Deno.test({
  ...only("Unix", "readRegularFile() does not wait for the writer of a pipe"),
  fn: async () => {
    await using work = temporaryDirectory();
    const fifo = `${work.path}/fifo`;
    assert.ok(
      new Deno.Command("mkfifo", { args: [fifo] }).outputSync().success,
    );
    assert.equal(readRegularFile(fifo, 5), "other");
    assert.equal(readRegularFile("/dev/zero", 5), "other");
  },
});

Deno.test("readTextIfThere() has nothing where there is no file, and fails where it cannot be read", async () => {
  await using work = temporaryDirectory();
  assert.equal(readTextIfThere(`${work.path}/file`), undefined);
  assert.throws(() => readTextIfThere(work.path));
});
