import assert from "node:assert/strict";
import { CHECKS } from "../../tools/gate/checks.ts";
import { runChecks } from "../../tools/gate/run_checks.ts";

const program = (text: string) => `deno eval ${text}`;

Deno.test("runChecks() runs every check, keeps what each prints together, and says which failed", async () => {
  const ended: string[] = [];
  const outcomes = await runChecks(
    [
      { name: "bad", command: program('console.log("a");Deno.exit(3)') },
      { name: "good", command: program('console.log("b")') },
      {
        name: "worse",
        command: program('console.log("c");console.error("d");Deno.exit(1)'),
      },
    ],
    2,
    ({ check }) => ended.push(check.name),
  );
  assert.deepEqual(
    outcomes.map(({ check, passed, output }) => [check.name, passed, output]),
    [["bad", false, "a"], ["good", true, "b"], ["worse", false, "c\nd"]],
  );
  assert.deepEqual(ended.toSorted(), ["bad", "good", "worse"]);
});

Deno.test("the gate looks at every entry point of deno.json", () => {
  const config: { readonly exports: Readonly<Record<string, string>> } = JSON
    .parse(
      Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)),
    );
  for (const name of ["types", "docs"]) {
    const words = CHECKS.find((check) => check.name === name)?.command
      .split(" ").map((word) => `./${word}`);
    for (const entry of Object.values(config.exports)) {
      assert.ok(words?.includes(entry), `${name} leaves out ${entry}`);
    }
  }
});

Deno.test("the gate's checks have names of their own", () => {
  assert.equal(new Set(CHECKS.map(({ name }) => name)).size, CHECKS.length);
});
