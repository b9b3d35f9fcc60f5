import assert from "node:assert/strict";
import {
  AccessToken,
  DiskCache,
  RefreshToken,
  TdauthError,
} from "../../mod.ts";
import { denoProcess } from "../../tools/deno.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";
import { testTokenCache } from "./token_cache_contract.ts";
import { tokensIn } from "../tokens_in.ts";

testTokenCache("DiskCache", () => {
  const directory = temporaryDirectory();
  return Promise.resolve({
    store: new DiskCache(directory.path, "tokens"),
    sameStore: new DiskCache(directory.path, "tokens"),
    otherAccount: new DiskCache(directory.path, "other"),
    damage: () => Deno.writeTextFile(`${directory.path}/tokens`, '{"version":'),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  });
}, { canFail: true });

/** Runs the seed's example with a home directory of its own. */
async function defaultCache(env: Record<string, string>) {
  const child = new URL("default_cache_child.ts", import.meta.url).href;
  const { code, stdout, stderr } = await denoProcess(["run", "-A", child], {
    env: { XDG_CONFIG_HOME: "", ...env },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("DiskCache without arguments is tokens.json in the platform's directory", async () => {
  await using home = temporaryDirectory();
  const { path } = home;
  const { code, out, err } = await defaultCache({ HOME: path, APPDATA: path });
  assert.equal(code, 0, err);
  assert.match(out, /[/\\]tdauth[/\\]tokens\.json$/);
  assert.ok(out.startsWith(path), out);
  const cache = new DiskCache(
    out.slice(0, -"/tokens.json".length),
    "tokens.json",
  );
  assert.equal(cache.accessToken.token, "CANARY-default");
});

Deno.test("DiskCache without arguments needs a home directory", async () => {
  const { code, err } = await defaultCache({ HOME: "", APPDATA: "" });
  assert.notEqual(code, 0);
  assert.match(err, /Cannot open a DiskCache: the home directory is unknown/);
});

const mode = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;

Deno.test("DiskCache given an absolute path creates the directories and an empty cache file", async () => {
  await using directory = temporaryDirectory();
  const cache = new DiskCache(`${directory.path}/a/b/c`, "KEY@AMER.OAUTHAP");
  assert.equal(cache.path, `${directory.path}/a/b/c/KEY@AMER.OAUTHAP`);
  const file = JSON.parse(Deno.readTextFileSync(cache.path));
  assert.equal(file.refresh_token, null);
  assert.equal(file.access_token, null);
});

Deno.test(
  only(
    "Unix",
    "DiskCache makes files of mode 0600 in directories of mode 0700",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const cache = new DiskCache(`${directory.path}/a/b`, "tokens");
    cache.accessToken = new AccessToken({ token: "A", expiresIn: 10 });
    assert.equal(mode(cache.path), 0o600);
    assert.equal(mode(`${directory.path}/a/b`), 0o700);
    assert.equal(mode(`${directory.path}/a`), 0o700);
  },
);

Deno.test(
  only(
    "Unix",
    "DiskCache tightens a directory and a file that others can read",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/open`;
    Deno.mkdirSync(path, { mode: 0o755 });
    Deno.chmodSync(path, 0o755);
    Deno.writeTextFileSync(
      `${path}/tokens`,
      `{"refresh_token":null,"access_token":null}`,
    );
    Deno.chmodSync(`${path}/tokens`, 0o644);
    new DiskCache(path, "tokens");
    assert.equal(mode(path), 0o700);
    assert.equal(mode(`${path}/tokens`), 0o600);
  },
);

Deno.test("DiskCache persists each property immediately", async () => {
  await using directory = temporaryDirectory();
  const cache = new DiskCache(directory.path, "tokens");
  const other = new DiskCache(directory.path, "tokens");
  cache.refreshToken = new RefreshToken({
    token: "R",
    accessTime: 5,
    expiresIn: 10,
  });
  assert.equal(other.refreshToken.token, "R");
  cache.accessToken = new AccessToken({
    token: "A",
    accessTime: 5,
    expiresIn: 10,
  });
  assert.equal(other.accessToken.token, "A");
  assert.equal(other.refreshToken.token, "R");
});

Deno.test("DiskCache.clear() empties the cache and keeps the file", async () => {
  await using directory = temporaryDirectory();
  const cache = new DiskCache(directory.path, "tokens");
  cache.accessToken = new AccessToken({ token: "A", expiresIn: 10 });
  cache.clear(); // not awaited, as in the seed
  assert.equal(cache.accessToken.token, undefined);
  assert.ok(Deno.statSync(cache.path).isFile);
});

Deno.test("DiskCache reads a file that pyTD wrote", async () => {
  await using directory = temporaryDirectory();
  Deno.writeTextFileSync(
    `${directory.path}/KEY`,
    `{"refresh_token": {"token": "R", "access_time": 1700000000, "expires_in": 7776000},
      "access_token": {"token": "A", "access_time": 1700000000, "expires_in": 1800}}`,
  );
  const cache = new DiskCache(directory.path, "KEY", {
    now: () => 1_700_000_900_000,
  });
  assert.deepEqual([cache.accessToken.token, cache.accessToken.remaining], [
    "A",
    900,
  ]);
  assert.deepEqual([cache.refreshToken.token, cache.refreshToken.expiry], [
    "R",
    1_707_776_000,
  ]);
});

Deno.test("DiskCache reads pyTD's null entries as absent tokens", async () => {
  await using directory = temporaryDirectory();
  Deno.writeTextFileSync(
    `${directory.path}/KEY`,
    `{"refresh_token": {"token": "R", "access_time": 1700000000, "expires_in": 7776000}, "access_token": null}`,
  );
  const cache = new DiskCache(directory.path, "KEY");
  assert.equal(cache.accessToken.token, undefined);
  assert.equal(cache.refreshToken.token, "R");
});

Deno.test("DiskCache writes what pyTD reads, and keeps keys it does not know", async () => {
  await using directory = temporaryDirectory();
  Deno.writeTextFileSync(
    `${directory.path}/KEY`,
    `{"access_token":null,"refresh_token":null,"mine":{"x":[1]}}`,
  );
  const cache = new DiskCache(directory.path, "KEY");
  cache.refreshToken = new RefreshToken({
    token: "R",
    accessTime: 1_700_000_000,
    expiresIn: 7_776_000,
  });
  cache.accessToken = new AccessToken({
    token: "A",
    accessTime: 1_700_000_000,
    expiresIn: 1800,
  });
  const file = JSON.parse(Deno.readTextFileSync(cache.path));
  assert.deepEqual(file.refresh_token, {
    token: "R",
    access_time: 1_700_000_000,
    expires_in: 7_776_000,
  });
  assert.deepEqual(file.access_token, {
    token: "A",
    access_time: 1_700_000_000,
    expires_in: 1800,
  });
  assert.deepEqual(file.mine, { x: [1] });
});

Deno.test("DiskCache moves a corrupt file aside, says where, and keeps all of it", async () => {
  await using directory = temporaryDirectory();
  const cache = new DiskCache(directory.path, "tokens");
  Deno.writeTextFileSync(cache.path, `{"refresh_token": {"token": "CANARY`);
  const error = await tokensIn(cache).load().then(
    () => undefined,
    (error) => error,
  );
  assert.ok(error instanceof TdauthError);
  assert.equal(error.code, "cache_corrupt");
  assert.ok(!`${error.message}${error.hint}`.includes("CANARY"));
  const aside = [...Deno.readDirSync(directory.path)].map(({ name }) => name)
    .find((name) => name.includes("corrupt"));
  assert.ok(aside !== undefined && error.message.includes(aside));
  assert.match(Deno.readTextFileSync(`${directory.path}/${aside}`), /CANARY/);
});

Deno.test(
  only(
    "Unix",
    "DiskCache replaces a link that was planted in its place, and never follows it",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const victim = `${directory.path}/victim`;
    Deno.writeTextFileSync(victim, "{}");
    Deno.mkdirSync(`${directory.path}/c`, { mode: 0o700 });
    Deno.symlinkSync(victim, `${directory.path}/c/tokens`);
    const cache = new DiskCache(`${directory.path}/c`, "tokens");
    cache.accessToken = new AccessToken({ token: "A", expiresIn: 10 });
    assert.equal(Deno.readTextFileSync(victim), "{}");
    assert.equal(Deno.lstatSync(cache.path).isSymlink, false);
  },
);

Deno.test(
  only(
    "Unix",
    "DiskCache makes its file where there is none, or a link that leads nowhere",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const nowhere = `${directory.path}/nowhere`;
    Deno.symlinkSync(nowhere, `${directory.path}/link`);
    for (const name of ["none", "link"]) {
      const { path } = new DiskCache(directory.path, name);
      const info = Deno.lstatSync(path);
      assert.equal(info.isFile, true, name);
      assert.equal((info.mode ?? 0) & 0o777, 0o600, name);
    }
    assert.throws(() => Deno.lstatSync(nowhere), Deno.errors.NotFound);
  },
);

Deno.test(
  only("Unix", "DiskCache leaves a directory in its place as it is"),
  async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/tokens`;
    Deno.mkdirSync(path, { mode: 0o755 });
    const cache = new DiskCache(directory.path, "tokens");
    await failsWith("cache_unreadable", tokensIn(cache).load());
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o755);
  },
);

Deno.test(
  only(
    "Unix",
    "DiskCache leaves no temporary file behind and sweeps those of writers that died",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const cache = new DiskCache(directory.path, "tokens");
    for (const name of [".tokens", ".config.json"]) {
      Deno.writeTextFileSync(
        `${directory.path}/${name}.${"0".repeat(32)}.tdauth.tmp`,
        "",
      );
    }
    cache.accessToken = new AccessToken({ token: "A", expiresIn: 10 });
    const names = [...Deno.readDirSync(directory.path)].map(({ name }) => name);
    assert.deepEqual(names.sort(), [".write.lock", "tokens"]);
  },
);

Deno.test("DiskCache keeps what two of its users write in turn", async () => {
  await using directory = temporaryDirectory();
  const [one, two] = [0, 1].map(() => new DiskCache(directory.path, "tokens"));
  assert.ok(one && two);
  for (let i = 0; i < 20; i++) {
    one.accessToken = new AccessToken({ token: `A${i}`, expiresIn: 10 });
    two.refreshToken = new RefreshToken({ token: `R${i}`, expiresIn: 10 });
    assert.deepEqual([two.accessToken.token, one.refreshToken.token], [
      `A${i}`,
      `R${i}`,
    ]);
  }
});

Deno.test("DiskCache rejects a relative directory and a name that is a path", async () => {
  await using directory = temporaryDirectory();
  assert.throws(() => new DiskCache("relative", "tokens"), TypeError);
  for (const name of ["", ".", "..", "a/b", "../x", "a\\b"]) {
    assert.throws(() => new DiskCache(directory.path, name), TypeError);
  }
});

Deno.test("DiskCache says how to fix a directory that cannot be used", async () => {
  await using directory = temporaryDirectory();
  Deno.writeTextFileSync(`${directory.path}/file`, "");
  assert.throws(
    () => new DiskCache(`${directory.path}/file`, "tokens"),
    (error) =>
      error instanceof TdauthError && error.code === "cache_unreadable" &&
      error.hint !== undefined,
  );
});

for (
  const [what, mode, files, why] of [
    ["is sticky, even when it is empty", 0o1777, [], /shared by all users/],
    ["is world-writable, whatever is in it", 0o777, [
      "tokens",
      ".write.lock",
    ], /it is world-writable/],
    ["is group-writable, with files in it", 0o775, [
      "tokens",
    ], /it is group-writable/],
    ["others can access and that contains other files", 0o755, [
      "notes.txt",
      "config.json",
    ], /others can access it, and it contains other files/],
  ] as const
) {
  Deno.test(
    only("Unix", `DiskCache refuses a directory that ${what}, and leaves it`),
    async () => {
      await using directory = temporaryDirectory();
      const path = `${directory.path}/theirs`;
      Deno.mkdirSync(path);
      for (const name of files) Deno.writeTextFileSync(`${path}/${name}`, "{}");
      Deno.chmodSync(path, mode);
      for (const open of ["make", "protect"] as const) {
        assert.throws(
          () => new DiskCache(path, "tokens", { open }),
          (error) => {
            assert.ok(error instanceof TdauthError);
            assert.equal(error.code, "cache_unreadable");
            assert.match(error.message, why);
            assert.match(
              error.hint?.format(["tdauth"]) ?? "",
              /use a separate directory/,
            );
            assert.ok(!`${error.hint}`.includes("chmod"));
            return true;
          },
        );
      }
      assert.equal((Deno.statSync(path).mode ?? 0) & 0o7777, mode);
      assert.equal([...Deno.readDirSync(path)].length, files.length);
    },
  );
}

Deno.test(
  only(
    "Unix",
    "DiskCache closes a directory that is empty, or that its own files are in",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/ours`;
    Deno.mkdirSync(path);
    Deno.chmodSync(path, 0o775);
    new DiskCache(path, "tokens");
    assert.equal(mode(path), 0o700);
    for (const own of ["tokens", "other"]) {
      Deno.writeTextFileSync(`${path}/notes.txt`, "");
      Deno.chmodSync(path, 0o755);
      new DiskCache(path, own);
      assert.equal(mode(path), 0o700);
    }
  },
);

Deno.test(
  only(
    "Unix",
    "DiskCache keeps tokens in a directory that was opened to others after it was found to be its own",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/ours`;
    const cache = new DiskCache(path, "tokens");
    Deno.chmodSync(path, 0o777);
    cache.refreshToken = new RefreshToken({ token: "R", expiresIn: 10 });
    assert.equal(mode(path), 0o700);
    assert.equal(new DiskCache(path, "tokens").refreshToken.token, "R");
  },
);

Deno.test("DiskCache that is opened to look changes nothing, not even a damaged file", async () => {
  await using directory = temporaryDirectory();
  const path = `${directory.path}/a`;
  const none = new DiskCache(path, "tokens", { open: "look" });
  assert.equal((await tokensIn(none).load()).accessToken.token, undefined);
  assert.deepEqual([...Deno.readDirSync(directory.path)], []);
  Deno.mkdirSync(path);
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o755);
  const half = '{"access_token":{"token":"CANARY';
  Deno.writeTextFileSync(`${path}/tokens`, half);
  const before = Deno.statSync(path);
  const damaged = new DiskCache(path, "tokens", { open: "look" });
  const { message } = await failsWith(
    "cache_corrupt",
    tokensIn(damaged).load(),
  );
  assert.match(message, /\(in ".*tokens"\)$/);
  assert.deepEqual(Deno.statSync(path), {
    ...before,
    atime: Deno.statSync(path).atime,
  });
  assert.equal(Deno.readTextFileSync(`${path}/tokens`), half);
});
