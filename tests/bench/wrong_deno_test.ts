import assert from "node:assert/strict";
import { wrongDeno } from "../../bench/wrong_deno.ts";
import { DENO_VERSION } from "../../src/base/deno_version.ts";

Deno.test("wrongDeno() accepts only the Deno that the targets are for", () => {
  assert.equal(wrongDeno(DENO_VERSION), undefined);
  assert.match(wrongDeno("2.4.2") ?? "", /Cannot measure with Deno 2\.4\.2: /);
});
