import assert from "node:assert/strict";
import { failedTests } from "../../tools/failed.ts";
import { denoProcess } from "../../tools/deno.ts";
import { temporaryDirectory } from "../support.ts";

Deno.test("the end of a test run says what failed and why, steps included", async () => {
  await using directory = await temporaryDirectory();
  const path = `${directory.path}/a_test.ts`;
  Deno.writeTextFileSync(
    path,
    `Deno.test("outer", (test) => test.step("inner", () => { throw new Error("wrong\\nin detail"); }).then(() => {}));
     Deno.test("other", () => { throw new TypeError("x".repeat(5000)); });
     Deno.test("fine", () => {});`,
  );
  const { stdout } = await denoProcess([
    "test",
    "--no-check",
    "--no-config",
    path,
  ], {
    env: { NO_COLOR: "1" },
  }).output();
  const failures = failedTests(new TextDecoder().decode(stdout));
  assert.equal(failures.length, 2);
  assert.match(
    failures[0] ?? "",
    /^outer \.\.\. inner => .*\nerror: Error: wrong\nin detail\n/,
  );
  assert.match(failures[1] ?? "", /^other => .*\nerror: TypeError: xxx[^]*…$/);
  assert.ok(failures.every(({ length }) => length < 700));
});
