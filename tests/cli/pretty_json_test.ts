import fc from "fast-check";
import assert from "node:assert/strict";
import { prettyJson } from "../../src/cli/commands/fetch/pretty_json.ts";

Deno.test("prettyJson() returns the same as JSON.stringify() with two spaces, however it was written", () => {
  fc.assert(fc.property(
    fc.jsonValue(),
    fc.constantFrom(undefined, 1, 4, "\t"),
    (value, space) => {
      assert.equal(
        prettyJson(JSON.stringify(value, undefined, space)),
        JSON.stringify(value, undefined, 2),
      );
    },
  ));
});

Deno.test("prettyJson() leaves numbers, names and texts letter for letter as they are", () => {
  assert.equal(
    prettyJson(
      '{"b" :12345678901234567890, "b":1.10,"\\u0041\\"{,":[ ],"c":-1e+05}',
    ),
    '{\n  "b": 12345678901234567890,\n  "b": 1.10,\n  "\\u0041\\"{,": [],\n  "c": -1e+05\n}',
  );
});

Deno.test("prettyJson() of any depth and of texts of any length takes room and time in proportion (line 61)", () => {
  const deep = (levels: number) =>
    `${'[{"a":'.repeat(levels)}[]${"}]".repeat(levels)}`;
  const shallow = deep(10);
  assert.equal(
    prettyJson(shallow),
    JSON.stringify(JSON.parse(shallow), undefined, 2),
  );
  for (
    const json of [
      deep(200_000),
      "[".repeat(400_000) + "]".repeat(400_000),
      `[${"[".repeat(40)}1${",1".repeat(300_000)}${"]".repeat(40)}]`,
      JSON.stringify("a".repeat(5_000_000)),
      JSON.stringify('\n"\\\\'.repeat(1_000_000)),
      `["${"\\\\".repeat(1_000_000)}","\\\\\\""]`,
      `[${" ".repeat(2_000_000)}1]`,
      `[${"[ ".repeat(50_000)}${"]".repeat(50_000)}]`,
      "1".repeat(2_000_000),
    ]
  ) {
    const pretty = prettyJson(json);
    assert.ok(pretty.length < 3 * json.length + 100_000, `${pretty.length}`);
    assert.equal(
      pretty.replace(/\s/g, ""),
      json.replace(/\s/g, ""),
      "another value",
    );
  }
});

Deno.test("prettyJson() keeps in one line what lies deeper than 32 levels", () => {
  const json = "[".repeat(34) + "1,2" + "]".repeat(34);
  const lines = prettyJson(json).split("\n");
  assert.equal(lines.length, 65);
  assert.equal(lines[32], " ".repeat(64) + "[[1,2]]");
});
