import assert from "node:assert/strict";
import { misplaced } from "../../tools/check_runtime.ts";

Deno.test("misplaced() finds every way in which a room could name the runtime", () => {
  for (
    const text of [
      "Deno.readTextFileSync(path);",
      "let info: Deno.FileInfo;",
      "error instanceof Deno.errors.NotFound",
      "Deno?.args",
      'Deno["args"]',
      "const runtime = Deno;",
      "const { env } = Deno;",
      "read(Deno);",
      "globalThis.Deno.args",
      'globalThis["Deno"]',
      "`in ${Deno.cwd()}`",
      'const url = "https://x.example/"; Deno.exit(1);',
    ]
  ) {
    assert.equal(misplaced("src/login/a.ts", text).length, 1, text);
  }
  assert.match(
    misplaced("src/login/a.ts", "/* one\n */\n\nDeno.cwd()")[0] ?? "",
    /^src\/login\/a\.ts:4 names Deno/,
  );
});

Deno.test("misplaced() leaves the two rooms, comments and words alone", () => {
  for (
    const text of [
      "/** As `Deno.inspect` does. */",
      "// Deno.listen() gives up",
      '[Symbol.for("Deno.customInspect")](): string {',
      "fix: `update Deno to ${version}`",
      '"With Deno, all is fetched."',
    ]
  ) {
    assert.deepEqual(misplaced("src/login/a.ts", text), [], text);
  }
  assert.deepEqual(misplaced("src/system/a.ts", "Deno.cwd()"), []);
  assert.deepEqual(misplaced("src/sandbox/a.ts", "Deno.cwd()"), []);
});

Deno.test("misplaced() keeps what ends the program for the command line", () => {
  const text = 'import { exit } from "../system/own_process.ts";';
  assert.deepEqual(misplaced("src/cli/main.ts", text), []);
  assert.match(
    misplaced("src/login/a.ts", text)[0] ?? "",
    /only the command line/,
  );
});
