import assert from "node:assert/strict";
import { openOutputFile } from "../../src/cli/terminal/output_file.ts";
import { only, temporaryDirectory } from "../support.ts";
import { modeOf } from "./asserts.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function namesIn(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
}

Deno.test("openOutputFile() keeps what a file has until finish()", async () => {
  await using work = temporaryDirectory();
  const path = `${work.path}/file`;
  Deno.writeTextFileSync(path, "old, and longer");
  {
    using file = openOutputFile(path);
    await file.write(bytes("ne"));
    await file.write(bytes("w"));
    assert.equal(Deno.readTextFileSync(path), "old, and longer");
    file.finish();
    assert.equal(Deno.readTextFileSync(path), "new");
  }
  {
    using file = openOutputFile(path);
    await file.write(bytes("half"));
  }
  assert.equal(Deno.readTextFileSync(path), "new");
  assert.deepEqual(namesIn(work.path), ["file"]);
});

Deno.test("openOutputFile() creates a file, even an empty one, only at finish()", async () => {
  await using work = temporaryDirectory();
  const path = `${work.path}/file`;
  openOutputFile(path)[Symbol.dispose]();
  assert.deepEqual(namesIn(work.path), []);
  {
    using file = openOutputFile(path);
    file.finish();
  }
  assert.equal(Deno.readTextFileSync(path), "");
});

Deno.test({
  ...only("Unix", "openOutputFile() keeps permissions and links"),
  fn: async () => {
    await using work = temporaryDirectory();
    const [path, link] = [`${work.path}/file`, `${work.path}/link`];
    Deno.writeTextFileSync(path, "old");
    Deno.chmodSync(path, 0o640);
    Deno.symlinkSync(path, link);
    {
      using file = openOutputFile(link);
      await file.write(bytes("new"));
      file.finish();
    }
    assert.equal(modeOf(path), 0o640);
    assert.equal(Deno.readTextFileSync(path), "new");
    assert.ok(Deno.lstatSync(link).isSymlink);
    assert.deepEqual(namesIn(work.path), ["file", "link"]);
  },
});

Deno.test({
  ...only("Unix", "openOutputFile() copies into a file of another user"),
  fn: async () => {
    await using work = temporaryDirectory();
    const path = `${work.path}/file`;
    Deno.writeTextFileSync(path, "old, and longer");
    if (Deno.uid() === 0) Deno.chownSync(path, 12345, 12345);
    const { ino, uid } = Deno.statSync(path);
    {
      using file = openOutputFile(path);
      await file.write(bytes("new"));
      file.finish();
    }
    const now = Deno.statSync(path);
    assert.equal(now.uid, uid);
    if (Deno.uid() === 0) assert.equal(now.ino, ino);
    assert.equal(Deno.readTextFileSync(path), "new");
    assert.deepEqual(namesIn(work.path), ["file"]);
  },
});

Deno.test({
  ...only("Unix", "openOutputFile() writes devices and pipes as it comes"),
  fn: async () => {
    await using work = temporaryDirectory();
    const fifo = `${work.path}/fifo`;
    new Deno.Command("mkfifo", { args: [fifo] }).outputSync();
    const reader = new Deno.Command("head", {
      args: ["-c", "4", fifo],
      stdout: "piped",
    }).spawn();
    {
      using file = openOutputFile(fifo); // waits for the reader
      await file.write(bytes("come"));
      // The reader ends before the file is finished.
      const { stdout } = await reader.output();
      assert.equal(new TextDecoder().decode(stdout), "come");
      file.finish();
    }
    assert.ok(Deno.statSync(fifo).isFifo);
    using device = openOutputFile("/dev/null");
    await device.write(bytes("gone"));
    device.finish();
    assert.deepEqual(namesIn(work.path), ["fifo"]);
  },
});
