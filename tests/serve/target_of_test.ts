import assert from "node:assert/strict";
import fc from "fast-check";
import { targetOf } from "../../src/serve/target_of.ts";

Deno.test("targetOf() reads a plain target in the two forms in which it comes over a Unix socket", () => {
  for (const start of ["http+unix://", "http://"]) {
    assert.deepEqual(
      targetOf(
        `${start}localhost/tdauth/v1/token?profile=a&min_valid=5`,
        "localhost",
      ),
      {
        path: "/tdauth/v1/token",
        query: new Map([["profile", "a"], ["min_valid", "5"]]),
      },
    );
  }
  assert.equal(targetOf("http+unix://a:80/x", "a:80")?.path, "/x");
});

for (
  const [raw, host] of [
    ["http+unix://a/b?c@d/x", "a/b?c@d"],
    ["http+unix://a/x\\y", "a"],
    ["http+unix://a/x/../y", "a"],
    ["http+unix://a/%2e%2e/y", "a"],
    ["http+unix://a/tdauth/v1/%74oken", "a"],
    ["http+unix://a/x#y", "a"],
    ["http+unix://a/x?y", "a"],
    ["http+unix://a/x?y=1&y=2", "a"],
    ["http+unix://a/x?y=1=2", "a"],
    ["http+unix://a/x?y=%41", "a"],
    ["http+unix://a", "a"],
    ["http+unix://a:1", "a"],
    ["http://other/x", "a"],
    ["https://a/x", "a"],
    ["HTTP://a/x", "a"],
    ["http://u:p@a/x", "a"],
    ["http+unix://%2Ftmp%2Fx%2Esock/x", null],
    ["http+unix:///x", ""],
  ] as const
) {
  Deno.test(`targetOf() refuses ${raw} with the Host ${host}`, () => {
    assert.equal(targetOf(raw, host), undefined);
  });
}

Deno.test("targetOf() returns no path that a URL parser would read in another way", () => {
  const part = fc.constantFrom(
    ...["/", "\\", "..", ".", "%2e", "a", "?", "#", "@", ":", "=", "&", ";"],
    ...["tdauth", "token", "é", " ", "\t"],
  );
  const target = fc.array(part, { maxLength: 12 }).map((parts) =>
    `/${parts.join("")}`
  );
  fc.assert(
    fc.property(target, (raw) => {
      const found = targetOf(`http+unix://h${raw}`, "h");
      if (found === undefined) return;
      const read = new URL(`http://h${raw}`);
      assert.equal(read.pathname, found.path);
      assert.equal(raw.split("?")[0], found.path);
    }),
    { numRuns: 2000 },
  );
});
