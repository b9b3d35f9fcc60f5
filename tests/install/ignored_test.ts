import assert from "node:assert/strict";
import { ignoredTests, mayBeIgnored } from "../../tools/ignored.ts";
import { denoProcess } from "../../tools/deno.ts";

Deno.test("mayBeIgnored() lets a test be ignored where its reason holds, and nowhere without one", () => {
  const systems = ["linux", "darwin", "windows"];
  for (
    const [name, where] of [
      ["x", []],
      ["x (ignored: it is broken)", []],
      ["x (ignored: Linux only) after all", []],
      ["x (ignored: Linux only, it reads /proc)", ["darwin", "windows"]],
      ["x (ignored: there is no dash)", ["darwin", "windows"]],
      ["x (ignored: Unix only, it reads modes)", ["windows"]],
    ] as const
  ) {
    assert.deepEqual(
      systems.filter((os) => mayBeIgnored(name, os, true)),
      where,
      name,
    );
  }
  for (
    const [name, where] of [
      ["x (ignored: root only)", [false, true]],
      ["x (ignored: not as root, who may read everything)", [true, false]],
    ] as const
  ) {
    assert.deepEqual(
      [true, false].map((root) => mayBeIgnored(name, "linux", root)),
      where,
    );
  }
});

Deno.test("ignoredTests() finds what deno test ignored, one by one and in parallel", async () => {
  const directory = await Deno.makeTempDir({ prefix: "tdauth_test_" });
  const names = ["first ... ignored", "second (ignored: Linux only)"];
  for (const file of ["a_test.ts", "b_test.ts"]) {
    await Deno.writeTextFile(
      `${directory}/${file}`,
      names.map((name) =>
        `Deno.test.ignore(${JSON.stringify(`${file} ${name}`)}, () => {});\n`
      ).join("") + `Deno.test("not ignored", () => {});\n`,
    );
  }
  for (const parallel of [[], ["--parallel"]]) {
    const { stdout } = await denoProcess(["test", "--no-config", ...parallel], {
      cwd: directory,
      env: { NO_COLOR: "1" },
    }).output();
    assert.deepEqual(
      ignoredTests(new TextDecoder().decode(stdout)).sort(),
      ["a_test.ts", "b_test.ts"].flatMap((file) =>
        names.map((name) => `${file} ${name}`)
      ),
    );
  }
  await Deno.remove(directory, { recursive: true });
});
