import assert from "node:assert/strict";
import fc from "fast-check";
import {
  platformConfigDir,
  tokenFileName,
} from "../../src/system/config_dir.ts";

const env = (variables: Record<string, string>) => (name: string) =>
  variables[name];

const places: readonly (readonly [string, Record<string, string>, string])[] = [
  ["linux", { HOME: "/home/me" }, "/home/me/.config/tdauth"],
  ["linux", { HOME: "/home/me", XDG_CONFIG_HOME: "/x" }, "/x/tdauth"],
  [
    "linux",
    { HOME: "/home/me", XDG_CONFIG_HOME: "relative" },
    "/home/me/.config/tdauth",
  ],
  [
    "darwin",
    { HOME: "/Users/me" },
    "/Users/me/Library/Application Support/tdauth",
  ],
  ["darwin", { HOME: "/Users/me", XDG_CONFIG_HOME: "/x" }, "/x/tdauth"],
  [
    "windows",
    { APPDATA: "C:\\Users\\me\\AppData\\Roaming" },
    "C:\\Users\\me\\AppData\\Roaming\\tdauth",
  ],
];

for (const [os, variables, expected] of places) {
  Deno.test(`platformConfigDir() on ${os} with ${Object.keys(variables).join(" and ")} is ${expected}`, () => {
    assert.equal(platformConfigDir(env(variables), os), expected);
  });
}

Deno.test("platformConfigDir() knows none without a home directory, and never takes a temporary one", () => {
  for (
    const [os, variables] of [
      ["linux", {}],
      ["linux", { HOME: "relative", TMPDIR: "/tmp" }],
      ["darwin", { HOME: "relative" }],
      ["windows", { TEMP: "C:\\Temp" }],
    ] as const
  ) {
    assert.equal(platformConfigDir(env(variables), os), undefined);
  }
});

Deno.test("tokenFileName() is the consumer key as the user gave it, after the profile", () => {
  assert.equal(tokenFileName("TEST@AMER.OAUTHAP"), "TEST@AMER.OAUTHAP");
  assert.equal(tokenFileName("TESTKEY"), "TESTKEY");
  assert.equal(tokenFileName("My-Key_1.x"), "My-Key_1.x");
  assert.equal(tokenFileName("KEY", "work"), "work.KEY");
});

Deno.test("tokenFileName() encodes what a file name cannot hold and names that mean something else", () => {
  assert.equal(tokenFileName("a/b"), "a%2Fb");
  assert.equal(tokenFileName("a\\b:c%"), "a%5Cb%3Ac%25");
  assert.equal(tokenFileName(".."), "%2E%2E");
  assert.equal(tokenFileName("trust.json"), "%74rust.json");
  assert.equal(tokenFileName("ca.pem"), "%63a.pem");
  assert.equal(tokenFileName("config.json"), "%63onfig.json");
  assert.equal(tokenFileName("CON"), "%43ON");
  assert.equal(tokenFileName("a."), "a%2E");
});

Deno.test("tokenFileName() gives two keys two names, none with a separator or a leading dot", () => {
  const key = fc.string({ unit: "binary-ascii", minLength: 1 });
  fc.assert(fc.property(key, key, (one, two) => {
    const [a, b] = [tokenFileName(one), tokenFileName(two)];
    assert.equal(a === b, one === two);
    assert.match(a, /^[^./\\\0][^/\\\0]*$/);
  }));
});
