import assert from "node:assert/strict";
import { findWords } from "../../tools/words/find_words.ts";
import { type Word, WORDS } from "../../tools/words/words.ts";

/** What is found in a file, as `line: words`. */
function found(
  path: string,
  text: string,
  words: readonly Word[] = WORDS,
): string[] {
  return findWords(path, text, words)
    .map(({ line, found }) => `${line}: ${found}`);
}

Deno.test("findWords() finds words of the table in comments, strings and pages, with their lines", () => {
  for (
    const text of [
      "\n// mends it",
      "\n/** Whoever calls it. */",
      "\nthrow new Error(`Cannot ${what}: nobody is there`);",
      "\n/**\n * It is of no\n * more use.\n */",
      "\n// It is kept in\n// clear.",
      "\n/** What `run` gives. */",
      "\n/** What {@linkcode authorize} works with. */",
      "\n// The broker gave back what it was sent.",
      "\n// It would lose a refresh token.",
      '\nconst text = "Access was not given";',
    ]
  ) assert.equal(found("src/a.ts", text).length, 1, text);
  assert.deepEqual(
    found("src/a.ts", "\n\n/**\n * It is of no\n * more use.\n */"),
    ["4: of no more use"],
  );
  assert.deepEqual(found("README.md", "a\n\nMends what\nis in\nclear.\n"), [
    "3: Mends",
    "4: in clear",
  ]);
});

Deno.test("findWords() finds names of code as a whole, in code and in a page's code", () => {
  const name = (find: string): readonly Word[] => [
    { find, say: "x", where: "identifiers" },
  ];
  const source = `
    const enough = 1; // enough is enough
    /** There is enough. */
    const { enough: isEnough } = { enough: "enough" };`;
  assert.deepEqual(found("src/a.ts", source, name("enough")), [
    "2: enough",
    "4: enough",
    "4: enough",
  ]);
  assert.deepEqual(
    found(
      "docs/a.md",
      "enough `enough()`\n\n```ts\nenough();\n```\n\nenough\n",
      name("enough"),
    ),
    ["1: enough", "4: enough"],
  );
  assert.deepEqual(
    found("src/a.ts", "/** {@linkcode withPatience} */ withPatience();"),
    ["1: withPatience", "1: withPatience"],
  );
});

Deno.test("findWords() looks only at the names of tests in a test", () => {
  assert.deepEqual(
    found(
      "tests/a_test.ts",
      `Deno.test("f() mends it", async (t) => {
         assert.match(text, /nobody/); // whoever
         await t.step(\`nobody \${n}\`, () => {});
       });`,
    ),
    ["1: mends", "3: nobody"],
  );
});

Deno.test("findWords() leaves ordinary words alone", () => {
  for (
    const text of [
      "// That is enough, it passes, and the tool clears it.",
      "// a commendable amendment; it recommends it",
      "// what the broker returns; it gives up after a minute",
      "const clear = 1; // it is clear in what it says",
      "// no longer of use",
    ]
  ) assert.deepEqual(found("src/a.ts", text), [], text);
});
