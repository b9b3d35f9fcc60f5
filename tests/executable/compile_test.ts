/** What the tools that make executables do when they cannot. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { compile, RuntimeUnavailable } from "../../tools/compile.ts";
import { checksums, RELEASE, wrongRuntime } from "../../tools/release.ts";
import { temporaryDirectory } from "../support.ts";
import { DENO } from "../../tools/deno.ts";

Deno.test("compile() leaves nothing behind, and keeps what was there, when there is no runtime", async () => {
  await using work = temporaryDirectory();
  const entry = join(work.path, "empty.js");
  const output = join(work.path, "out", "program");
  Deno.writeTextFileSync(entry, "");
  Deno.mkdirSync(join(work.path, "out"));
  Deno.writeTextFileSync(output, "the old one");
  const compiler = {
    deno: DENO,
    env: { DENORT_BIN: join(work.path, "nothing") },
  };
  await assert.rejects(
    compile(entry, output, { compiler }),
    (error) => error instanceof RuntimeUnavailable,
  );
  assert.deepEqual([...Deno.readDirSync(join(work.path, "out"))].length, 1);
  assert.equal(Deno.readTextFileSync(output), "the old one");
});

/** The beginning of an executable of each system, as far as it tells the system. */
const HEADERS: Readonly<Record<string, readonly [number, number[]][]>> = {
  "tdauth-linux-x64": [[0, [0x7f, 0x45, 0x4c, 0x46]], [18, [62, 0]]],
  "tdauth-linux-arm64": [[0, [0x7f, 0x45, 0x4c, 0x46]], [18, [183, 0]]],
  "tdauth-macos-x64": [[0, [0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1]]],
  "tdauth-macos-arm64": [[0, [0xcf, 0xfa, 0xed, 0xfe, 12, 0, 0, 1]]],
  "tdauth-windows-x64.exe": [
    [0, [0x4d, 0x5a]],
    [60, [128]],
    [128, [0x50, 0x45, 0, 0, 0x64, 0x86]],
  ],
};

Deno.test("wrongRuntime() identifies the runtime of each system", async () => {
  await using work = temporaryDirectory();
  assert.deepEqual(Object.keys(HEADERS), Object.keys(RELEASE));
  for (const [name, parts] of Object.entries(HEADERS)) {
    const bytes = new Uint8Array(256);
    for (const [at, part] of parts) bytes.set(part, at);
    const denort = join(work.path, name);
    Deno.writeFileSync(denort, bytes);
    for (const other of Object.keys(RELEASE)) {
      const why = wrongRuntime(denort, [other]);
      assert.equal(
        why,
        other === name
          ? undefined
          : `DENORT_BIN is the runtime of ${name} alone`,
      );
    }
    assert.ok(wrongRuntime(denort, Object.keys(RELEASE)) !== undefined);
  }
  const text = join(work.path, "text");
  Deno.writeTextFileSync(text, "#!/bin/sh\n");
  assert.match(wrongRuntime(text, ["tdauth-linux-x64"]) ?? "", /none of these/);
  assert.match(wrongRuntime(`${text}s`, []) ?? "", /cannot be read/);
});

Deno.test("checksums() makes the lines that sha256sum reads", async () => {
  await using work = temporaryDirectory();
  const file = join(work.path, "abc");
  Deno.writeTextFileSync(file, "abc");
  assert.equal(
    await checksums([file]),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  abc\n",
  );
});
