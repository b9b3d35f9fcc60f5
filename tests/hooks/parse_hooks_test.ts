/** The hooks of config.json. */
import assert from "node:assert/strict";
import { TdauthError } from "../../src/base/errors.ts";
import { parseHooks } from "../../src/hooks/parse_hooks.ts";
import { readHooks } from "../../src/hooks/read_hooks.ts";
import { saveProfile } from "../../src/settings/save_profile.ts";
import { only, temporaryDirectory } from "../support.ts";

const parse = (hooks: unknown) => parseHooks(hooks, "/c/config.json");

Deno.test("parseHooks() lets a hook without `on` hear of everything but new access tokens", () => {
  const quiet = ["login_due", "login_needed", "logged_in", "refresh_failed"];
  const all = { on: quiet, profiles: undefined };
  assert.deepEqual(
    parse([
      { run: ["cmd", "arg", ""] },
      { notify: true },
      { url: "https://ntfy.sh/x?auth=1" },
      { url: "http://127.0.0.1:8/x", on: ["refreshed"], profiles: ["work"] },
    ]),
    [
      { number: 1, ...all, run: ["cmd", "arg", ""] },
      { number: 2, ...all, notify: true },
      { number: 3, ...all, url: "https://ntfy.sh/x?auth=1" },
      {
        number: 4,
        on: ["refreshed"],
        profiles: ["work"],
        url: "http://127.0.0.1:8/x",
      },
    ],
  );
  assert.deepEqual(parse(undefined), []);
  assert.deepEqual(parse([]), []);
});

for (
  const [wrong, why] of [
    [{}, /"hooks" is not a list/],
    [["notify"], /hook 1 .*it is not an object/],
    [[{ notify: true }, { on: ["login_due"] }], /hook 2 .*it does nothing/],
    [[{ notify: true, run: ["a"] }], /it has both "run" and "notify"/],
    [[{ notify: true, when: "now" }], /"when" is not a key of hooks/],
    [[{ notify: false }], /"notify" is not true/],
    [[{ run: "rm -rf ~" }], /"run" is not a list of texts/],
    [[{ run: [] }], /"run" is not a list of texts/],
    [[{ run: ["a", 1] }], /"run" is not a list of texts/],
    [[{ run: ["a\0b"] }], /"run" is not a list of texts/],
    [[{ run: ["./a"] }], /"run" has .*a relative path depends/],
    [[{ run: ["~/bin/a"] }], /no shell replaces ~/],
    [[{ run: ["a"], on: "login_due" }], /"on" is not a list of events/],
    [[{ run: ["a"], on: [] }], /"on" is empty/],
    [[{ run: ["a"], on: ["toString"] }], /"on" has "toString": no such event/],
    [[{ run: ["a"], profiles: [] }], /"profiles" is not a list of names/],
    [[{ url: "http://ntfy.sh/x" }], /"url" is not an https URL/],
    [[{ url: "https://me:secret@ntfy.sh/x" }], /"url" is not an https URL/],
    [[{ url: "ntfy.sh/x" }], /"url" is not an https URL/],
    [[{ url: 7 }], /"url" is not an https URL/],
  ] as const
) {
  Deno.test(`parseHooks() says where ${JSON.stringify(wrong)} is wrong, and what to write`, () => {
    assert.throws(() => parse(wrong), (error) => {
      assert.ok(error instanceof TdauthError);
      assert.equal(error.code, "invalid_options");
      assert.match(error.message, why);
      assert.match(error.message, /in "\/c\/config\.json"/);
      assert.doesNotMatch(error.message, /secret/);
      assert.ok(String(error.hint).length > 10);
      return true;
    });
  });
}

Deno.test("readHooks() finds what was written by hand, and tdauth configure keeps it", async () => {
  await using directory = temporaryDirectory();
  assert.deepEqual(readHooks(directory.path), []);
  const path = `${directory.path}/config.json`;
  const hooks = [{ notify: true }];
  Deno.writeTextFileSync(path, JSON.stringify({ hooks }), { mode: 0o600 });
  const [found] = readHooks(directory.path);
  assert.ok(found !== undefined && "notify" in found);
  saveProfile(directory.path, "default", {
    provider: "schwab",
    consumerKey: "KEY",
  });
  const saved = JSON.parse(Deno.readTextFileSync(path));
  assert.deepEqual(saved.hooks, hooks);
  assert.equal(saved.profiles.default.consumerKey, "KEY");
});

Deno.test({
  ...only(
    "Unix",
    "readHooks() refuses hooks that another user could have written",
  ),
  async fn() {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/config.json`;
    Deno.writeTextFileSync(path, '{"profiles":{},"hooks":[{"notify":true}]}');
    Deno.chmodSync(path, 0o620);
    assert.throws(() => readHooks(directory.path), /others can write it/);
    Deno.chmodSync(path, 0o644);
    assert.equal(readHooks(directory.path).length, 1);
  },
});
