import assert from "node:assert/strict";
import fc from "fast-check";
import { TdauthError } from "../../mod.ts";
import { shown, shownJson } from "../../src/base/shown.ts";

/** Every character that a terminal would obey, or that changes the order of others, but tabs and line ends. */
const CONTROLS = [
  ...Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code))
    .filter((one) => /[^\t\n -~]/.test(one)),
  ..."\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
];

Deno.test("shown() replaces each control character, C1, DEL and those of direction included, and nothing else (line 59)", () => {
  assert.equal(CONTROLS.length, 30 + 1 + 32 + 12);
  for (const one of CONTROLS) assert.equal(shown(`a${one}b`), "a\ufffdb");
  const text = "ä\t€\n\u05d0\u200d😀 \u00a0~";
  assert.equal(shown(text), text);
});

Deno.test("shownJson() escapes them, and the value stays the same (line 59)", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...CONTROLS), fc.string())),
      (parts) => {
        const value = { [parts.join("")]: parts };
        const json = shownJson(JSON.stringify(value, undefined, 2));
        assert.deepEqual(JSON.parse(json), value);
        assert.ok(!CONTROLS.some((one) => json.includes(one)), json);
      },
    ),
    { seed: 20261130 },
  );
});

Deno.test("TdauthError has no control character in its message, its hint and its stack, wherever it is printed (line 59)", () => {
  for (const one of CONTROLS) {
    const error = new TdauthError("login_failed", `Cannot a${one}b`, {
      hint: [{ text: `c${one}d`, command: [`e${one}f`] }, one],
    });
    assert.equal(error.message, "Cannot a\ufffdb");
    const all = `${error} ${error.hint} ${error.stack} ${Deno.inspect(error)}`;
    assert.ok(!all.includes(one), JSON.stringify(all));
  }
});
