import assert from "node:assert/strict";
import fc from "fast-check";
import { CANARIES, findCanaries } from "../canary.ts";
import { runs } from "./fuzz.ts";

Deno.test("findCanaries() finds each canary as it is, escaped, in Base64 at any place, in hex and under colours", () => {
  const ascii = fc.string({ maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...CANARIES), ascii, ascii, (canary, a, b) => {
      const texts = [
        `${a}${canary}${b}`,
        `${a}${encodeURIComponent(canary)}${b}`,
        btoa(`${a}${canary}${b}`),
        `\x1b[31m${canary}\x1b[0m`,
        canary.slice(0, 2) + "\x1b[0m" + canary.slice(2),
        [...canary].map((c) => c.charCodeAt(0).toString(16)).join(""),
      ];
      for (const text of texts) {
        const found = findCanaries(`fine\n${text}\nfine`);
        assert.equal(found.length, 1, text);
        assert.ok(!found.join().includes(canary));
      }
    }),
    runs(300),
  );
});

Deno.test("findCanaries() finds nothing in what a good run prints", () => {
  assert.deepEqual(
    findCanaries(
      "running 3 tests from ./tests/cli/canary_test.ts\ntests/canary.ts\ntdauth --verbose shows no secret of schwab, whatever it does ... ok (12ms)\n",
    ),
    [],
  );
});
