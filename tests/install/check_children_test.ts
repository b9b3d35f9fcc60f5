import assert from "node:assert/strict";
import { careless } from "../../tools/check_children.ts";

Deno.test("careless() finds every way in which a test, tool or benchmark could start a Deno that fetches", () => {
  for (
    const text of [
      'new Deno.Command(Deno.execPath(), { args: ["info"] });',
      'const [path] = [execPath(), "x"];',
      'new Deno.Command(program, { args: ["run", "-A", script] });',
      'const args = [\n  "run",\n  "-A",\n  script,\n];',
      'const args = ["test", `--config=${config}`];',
      'start("run", ...PERMISSIONS);',
      'const line = `"${program}" run -A "${script}"`;',
      'const line = program + " run --allow-net";',
      'new Deno.Command("deno", {});',
      'const url = "https://x.example/"; start("run", "-A");',
    ]
  ) {
    assert.equal(careless("a_test.ts", `\n${text}`).length, 1, text);
  }
  assert.match(
    careless("a_test.ts", '/* one\n */\n\nDeno.Command("deno")')[0] ?? "",
    /^a_test\.ts:4 starts Deno by itself/,
  );
});

Deno.test("careless() finds nothing in what is started by tools/deno.ts, in comments and in what is told to people", () => {
  for (
    const text of [
      'const words = deno("run", "-A", script);',
      'const child = denoProcess(["run", "-A", script]);',
      'const child = denoProcess(\n  ["run", ...PERMISSIONS],\n);',
      'const line = denoLine("run", "-A", script);',
      '// Deno.execPath() with "run", "-A"',
      "/** `deno run -A tools/smoke.ts` */",
      'console.error("usage: deno run -A tools/smoke.ts");',
      'const command = "deno publish --dry-run --allow-dirty";',
      'await machine.run(["token"]);',
      'query({ name: "run", command: "x" });',
    ]
  ) {
    assert.deepEqual(careless("a_test.ts", text), [], text);
  }
});
