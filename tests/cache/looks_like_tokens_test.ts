import assert from "node:assert/strict";
import { DiskCache } from "../../src/cache/disk_cache.ts";
import { looksLikeTokens } from "../../src/system/looks_like_tokens.ts";
import { formatTokens, parseTokens } from "../../src/token/token_json.ts";
import { AccessToken, noTokens, RefreshToken } from "../../src/token/token.ts";
import { samples } from "../token_files/samples.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";
import { tokensIn } from "../tokens_in.ts";

const FILES = Object.entries(samples(1_799_990_000, 1_799_999_000)).map((
  [name, { file }],
) => ({
  name,
  text: JSON.stringify(file),
  ours: /^(pyTD|tdauth)$/.test(name),
}));

const now = () => 1_800_000_000_000;
const OURS = formatTokens({
  accessToken: new AccessToken({ token: "A", expiresIn: 1800 }, now),
  refreshToken: new RefreshToken({ token: "R", expiresIn: 604_800 }, now),
  provider: "schwab",
});

/** Files of other programs that a consumer key could name. */
const OTHERS: Readonly<Record<string, string>> = {
  authorized_keys: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI me@home\n",
  id_ed25519: "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n",
  "package.json": '{"name":"x","version":"1.0.0"}',
  "settings.json": '{"editor.fontSize":14}',
  "application_default_credentials.json":
    '{"client_id":"c","refresh_token":"1//CANARY","type":"authorized_user"}',
  "hosts.yml": "github.com:\n    oauth_token: gho_CANARY\n",
  "half of a JSON file": '{"name":"x"',
  "a list": "[]",
  "a number": "1",
  "a text": '"access_token"',
  "an access token in a text": '{"access_token":"CANARY"}',
  "a list of secrets": '{"access_token":null,"password":"CANARY"}',
  "Twitter's": '{"access_token":{"key":"CANARY","secret":"CANARY"}}',
  "an object of another shape":
    '{"access_token":{"value":"CANARY"},"refresh_token":{"value":"CANARY"}}',
  "a token without times": '{"access_token":{"token":"CANARY","type":"x"}}',
  "a schema": '{"access_token":{"description":"schema"}}',
  "notes of something sealed": 'My notes: "sealed" envelope is in the safe\n',
  "something sealed": '{"sealed":"mine"}',
  "something sealed, of a version": '{"version":1,"sealed":"my own"}',
  "a page with an example of ours":
    `Store it so:\n\n{"refresh_token":{"token":"CANARY"}}\n`,
  "a script with an example of ours":
    'module.exports = {"access_token": {"token": "CANARY"',
  "a schema in YAML": '{ "access_token": {type: string}',
  "lines of JSON": '{"level":"info"}\n{"access_token":{"token":"CANARY"}}\n',
  "half of a schwab-py file":
    '{"creation_timestamp":1700000000,"token":{"access_token":"CANARY',
};

Deno.test("looksLikeTokens() recognizes a token file of tdauth and of pyTD, an empty one, and one of zeros", () => {
  for (
    const text of [
      OURS,
      formatTokens(noTokens()),
      ...FILES.filter(({ ours }) => ours).map(({ text }) => text),
      '{"refresh_token":null,"access_token":null}',
      `{"version":1,"sealed":"tdauth-sealed:1:key:x:${"a".repeat(40)}"}`,
      `{"version":1,"sealed":"tdautX-sealed:1:key:x:${"a".repeat(40)}"}`,
      `{"version":1,"seaXed":"tdauth-sealed:1:key:x:${"a".repeat(40)}","`,
      "",
      " \n",
      "\uFEFF{}",
      "\0".repeat(100),
    ]
  ) assert.equal(looksLikeTokens(text), true, JSON.stringify(text));
});

Deno.test("looksLikeTokens() recognizes what is left of a token file whose end was cut off", () => {
  for (let end = 0; end <= OURS.length; end++) {
    assert.ok(looksLikeTokens(OURS.slice(0, end)), OURS.slice(0, end));
  }
});

for (const [name, text] of Object.entries(OTHERS)) {
  Deno.test(`DiskCache reads, moves, restricts, overwrites and removes no file of another program: ${name}`, async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/${name}`;
    Deno.writeTextFileSync(path, text, { mode: 0o644 });
    const before = Deno.statSync(path);
    for (const open of ["make", "protect", "look"] as const) {
      const cache = new DiskCache(directory.path, name, { open });
      const tokens = { ...noTokens(), provider: "schwab" };
      for (
        const run of [
          () => tokensIn(cache).load(),
          () => tokensIn(cache).save(tokens, "refresh"),
          () => cache.clear(),
        ]
      ) {
        const { message, hint } = await failsWith("cache_unreadable", run());
        assert.match(message, /contains something else; left unchanged$/);
        assert.match(
          hint?.format(["tdauth"]) ?? "",
          /TD_CONFIG_DIR or --config-dir/,
        );
        assert.ok(!message.includes("CANARY"));
      }
    }
    assert.equal(Deno.readTextFileSync(path), text);
    const { mode, mtime, ino } = Deno.statSync(path);
    assert.deepEqual(
      { mode, mtime, ino },
      { mode: before.mode, mtime: before.mtime, ino: before.ino },
    );
    const names = [...Deno.readDirSync(directory.path)].map(({ name }) => name);
    assert.deepEqual(names.filter((one) => one !== ".write.lock"), [name]);
  });
}

Deno.test("DiskCache rejects the token files of other programs, which tdauth import accepts", async () => {
  await using directory = temporaryDirectory();
  const others = FILES.filter(({ ours }) => !ours);
  assert.ok(others.length > 3);
  for (const { name, text } of others) {
    assert.equal(looksLikeTokens(text), false, name);
    const path = `${directory.path}/${name}`;
    Deno.writeTextFileSync(path, text);
    const cache = new DiskCache(directory.path, name, { now });
    await failsWith(
      "cache_unreadable",
      tokensIn(cache).save(noTokens(), "refresh"),
    );
    assert.equal(Deno.readTextFileSync(path), text);
  }
});

Deno.test("DiskCache rejects the tokens of another app, whose profile and key have the same file name", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const work = new DiskCache(path, "work.KEY", { now, consumerKey: "KEY" });
  const tokens = { ...parseTokens(OURS, now), consumerKey: "KEY" };
  await tokensIn(work).save(tokens, "refresh");
  const before = Deno.readTextFileSync(work.path);
  const other = new DiskCache(path, "work.KEY", {
    now,
    consumerKey: "work.KEY",
  });
  for (
    const run of [
      () => tokensIn(other).load(),
      () =>
        tokensIn(other).save({ ...tokens, consumerKey: "work.KEY" }, "refresh"),
      () => other.clear(),
    ]
  ) {
    const { message } = await failsWith("cache_unreadable", run());
    assert.match(message, /contains another app's tokens/);
  }
  assert.equal(Deno.readTextFileSync(work.path), before);
  assert.equal((await tokensIn(work).load()).accessToken.token, "A");
});

Deno.test(
  only(
    "Unix",
    "DiskCache closes a directory that holds nothing of anybody's: damaged tokens, locks, no profile",
  ),
  async () => {
    await using directory = temporaryDirectory();
    for (
      const [at, text] of [OURS.slice(0, 60), "\0".repeat(9)].entries()
    ) {
      const path = `${directory.path}/${at}`;
      Deno.mkdirSync(path);
      Deno.writeTextFileSync(`${path}/KEY`, text);
      Deno.writeTextFileSync(`${path}/.write.lock`, "");
      Deno.writeTextFileSync(`${path}/config.json`, '{"profiles":{}}');
      Deno.chmodSync(path, 0o755);
      new DiskCache(path, "KEY");
      assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700, text);
    }
  },
);
