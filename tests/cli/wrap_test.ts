import assert from "node:assert/strict";
import { fitting, wrapLines, wrapWords } from "../../src/cli/terminal/wrap.ts";

Deno.test("wrapWords() breaks at spaces, keeps long words whole, and ignores colors", () => {
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
      `\x1b[33m  ${sentence}\x1b[39m\n`,
      `hint: sudo chown me ${sentence}\n`,
      sentence, // a line that is still being written
      "\r\x1b[K" + "x".repeat(39),
      "short\n\nlines\n",
    ]
  ) assert.equal(wrapLines(text, 40), text);
  assert.equal(
    wrapLines(`${sentence}\n`, 0),
    `${sentence}\n`,
    "nobody knows the width",
  );
});

Deno.test("wrapLines() keeps the commands of a hint whole", () => {
  assert.equal(
    wrapLines(
      "\x1b[1mhint:\x1b[22m say something long, or run tdauth configure --profile work, and more\n",
      48,
    ),
    "\x1b[1mhint:\x1b[22m say something long, or run\ntdauth configure --profile work, and more\n",
  );
});

Deno.test("fitting() returns the first text that leaves the last column free, or the last text", () => {
  const texts = ["one two three", "\x1b[2mone two\x1b[22m", "one"];
  assert.equal(fitting(texts, 0), texts[0]);
  assert.equal(fitting(texts, 14), texts[0]);
  assert.equal(fitting(texts, 13), texts[1]);
  assert.equal(fitting(texts, 2), texts[2]);
});
