import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeText } from "../../src/base/decode_text.ts";

/** The bytes of a text in UTF-16. */
function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at++) {
    bytes.setUint16(at * 2, text.charCodeAt(at), littleEndian);
  }
  return new Uint8Array(bytes.buffer);
}

Deno.test("decodeText() reads UTF-8 and both kinds of UTF-16, with a byte order mark and without", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary-ascii", minLength: 1 })
        .filter((text) => !text.startsWith("\0") && !text.startsWith("\uFEFF")),
      fc.string({ unit: "grapheme" }),
      (start, rest) => {
        const text = (start + rest).replaceAll("\0", " ");
        for (const mark of ["", "\uFEFF"]) {
          const whole = mark + text;
          const utf8 = new TextEncoder().encode(whole);
          assert.equal(decodeText(utf8), text);
          assert.equal(decodeText(utf16(whole, true)), text);
          assert.equal(decodeText(utf16(whole, false)), text);
        }
      },
    ),
    { seed: 20261130 },
  );
});

Deno.test("decodeText() says that bytes in no such encoding are no text", () => {
  for (
    const bytes of [
      [0xc3],
      [0x80, 0x81, 0x82],
      [0xff, 0xfe, 0x7b],
      [0xff, 0xfe, 0x00, 0xd8],
      [0xfe, 0xff, 0xd8, 0x00],
      [0x7b, 0x00, 0x7d],
    ]
  ) assert.equal(decodeText(Uint8Array.from(bytes)), undefined, `${bytes}`);
  assert.equal(decodeText(new Uint8Array()), "");
  assert.equal(decodeText(Uint8Array.of(0x7b)), "{");
});
