import assert from "node:assert/strict";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { parseDotenv } from "../../src/settings/dotenv.ts";

/** What Node finds in the text, of our variables. */
function byNode(text: string): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(parseEnv(text)).filter(([name, value]) =>
      /^TD_\w+$/.test(name) && value
    ),
  );
}

Deno.test("parseDotenv() reads what people write, as Node does", () => {
  const text = `
# a comment with TD_COMMENT=1
TD_A=plain
  TD_B = spaced out   # and a comment
export TD_C="quoted # no comment" # one
TD_D='single "inside"'
TD_E="two\\nlines"
TD_F="really
two lines"
TD_G=
TD_H=it's "open
TD_I=\`back\`
TD_A=again
NOT_OURS=x
XTD_J=no
TD_K=a=b==\r
`;
  const variables = parseDotenv(text);
  assert.deepEqual(variables, {
    TD_A: "again",
    TD_B: "spaced out",
    TD_C: "quoted # no comment",
    TD_D: 'single "inside"',
    TD_E: "two\nlines",
    TD_F: "really\ntwo lines",
    TD_H: "it's \"open",
    TD_I: "back",
    TD_K: "a=b==",
  });
  assert.deepEqual(variables, byNode(text));
});

Deno.test("parseDotenv() agrees with Node on any file of whole lines", () => {
  const value = fc.stringMatching(/^[\w @.:/+=\\-]{0,20}$/);
  const quote = fc.constantFrom("", '"', "'", "`");
  const line = fc.oneof(
    fc.tuple(
      fc.constantFrom("TD_A", "TD_B", "export TD_C", "OTHER", " TD_D"),
      fc.constantFrom("=", " = ", "= "),
      quote,
      value,
      fc.constantFrom("", " # why"),
    ).map(([name, equals, q, text, why]) => name + equals + q + text + q + why),
    fc.constantFrom("", "# TD_A=1", "words"),
  );
  const end = fc.constantFrom("\n", "\r\n");
  fc.assert(
    fc.property(fc.array(line), end, (lines, eol) => {
      const text = lines.map((one) => one + eol).join("");
      // An assignment of nothing at a line's end makes Node read on in the next.
      fc.pre(!/=[ \t]*\r?\n/.test(text));
      assert.deepEqual(parseDotenv(text), byNode(text));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("parseDotenv() ends on any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      parseDotenv(`TD_A=${text}`);
    }),
  );
});
