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
