import assert from "node:assert/strict";
import { wrapLines, wrapWords } from "../../src/cli/wrap.ts";

Deno.test("wrapWords() breaks at spaces, keeps long words whole, and gives colours no room", () => {
  assert.deepEqual(wrapWords("one two three", 7), ["one two", "three"]);
  assert.deepEqual(wrapWords("a https://127.0.0.1:8182 b", 8), [
    "a",
    "https://127.0.0.1:8182",
    "b",
  ]);
  assert.deepEqual(wrapWords("\x1b[2mone\x1b[22m two", 7), [
    "\x1b[2mone\x1b[22m two",
  ]);
});

Deno.test("wrapLines() breaks sentences before the terminal does, and nothing that is drawn or copied", () => {
  const sentence = "word ".repeat(30).trim();
  const wrapped = wrapLines(`${sentence}\n`, 40).split("\n");
  assert.ok(wrapped.every((line) => line.length < 40));
  assert.equal(wrapped.join(" ").trim(), sentence);
  for (
    const text of [
      `  ${sentence}\n`,
      `hint: ${sentence}\n`,
      "\r\x1b[K" + "x".repeat(39),
      "short\n\nlines\n",
    ]
  ) assert.equal(wrapLines(text, 40), text);
  assert.equal(wrapLines(sentence, 0), sentence, "nobody knows the width");
});
