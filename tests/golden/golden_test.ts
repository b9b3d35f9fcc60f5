/** What tdauth wrote at commit c2180da is read as it is, and what is written over it is read by that code. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { needsKeyring, startKeyring } from "../seal/secret_service.ts";
import {
  AccessToken,
  formatTokens,
  parseTokens,
  RefreshToken,
} from "../../mod.ts";
import { temporaryDirectory } from "../support.ts";
import { loadOld, oldReads } from "./old.ts";
import {
  APP,
  assertSame,
  contents,
  NOW,
  OPENED_BY,
  path,
  type Place,
  place,
  run,
  written,
} from "./place.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));
const READ = path("read_child.ts");
type Env = Readonly<Record<string, string>>;

/** Profiles whose access token is valid, with what is not the same for all of them. */
const VALID: Readonly<
  Record<string, { age: number; expiresIn: number | null }>
> = Object.fromEntries([
  ...["default", "odd", "shared", "pytd"],
  ...["key", "rotated", "passphrase", "keychain"],
].map((name) => [name, { age: 3600, expiresIn: 604_800 }]));
const OTHERS: typeof VALID = {
  practice: { age: 0, expiresIn: 7_776_000 },
  issuer: { age: 0, expiresIn: null },
};
/** The kinds of seals. */
const SEALS: Readonly<Record<string, string>> = {
  key: "key",
  rotated: "key",
  passphrase: "passphrase",
  keychain: "keychain",
};
const said = written("said.json") as {
  profiles: Record<string, { status: object; token: object | null }>;
};

/** The tokens of a profile, as they were written. */
function tokensOf(profile: string): Record<string, unknown> {
  const { age, expiresIn } = { ...VALID, ...OTHERS }[profile] ??
    assert.fail(profile);
  return {
    accessToken: {
      token: `CANARY-golden-access-${profile}`,
      accessTime: NOW,
      expiresIn: 1800,
    },
    refreshToken: {
      token: `CANARY-golden-refresh-${profile}`,
      accessTime: NOW - age,
      expiresIn,
    },
    asked: 0,
  };
}

/** Has `test` read the golden files, and checks that these are as they were, with nothing beside them. */
async function reading(test: (at: Place) => Promise<void>): Promise<void> {
  await using at = place();
  const before = contents(at.configDir);
  await test(at);
  assertSame(contents(at.configDir), before, "reading changed a file");
}

/** What a command says with `--json`. */
async function says(
  at: Place,
  args: readonly string[],
  env: Env = {},
): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run(at, CLI, [...args, "--json"], env);
  assert.match(stdout, /^\{/, stderr);
  return JSON.parse(stdout.replaceAll(at.configDir, "CONFIG_DIR"));
}

/** What a script gets of `authorize()`. */
async function authorized(
  at: Place,
  profile: string,
  mode: "read" | "refresh" | "refused",
  env: Env = {},
): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await run(at, READ, [mode], {
    TD_PROFILE: profile,
    ...env,
  });
  assert.match(stdout, /^\{/, stderr);
  return JSON.parse(stdout);
}

/** Each thing that was said then is said now; more may be. */
function assertSaid(
  now: Record<string, unknown>,
  then: object,
): void {
  for (const [key, value] of Object.entries(then)) {
    assertSame(now[key], value, `it says otherwise of "${key}"`);
  }
}

async function assertRead(at: Place, profile: string, env: Env): Promise<void> {
  const { status, token } = said.profiles[profile] ?? assert.fail(profile);
  const flags = ["--profile", profile];
  assertSaid(await says(at, ["status", ...flags], env), status);
  assertSaid(await says(at, ["token", ...flags], env), token ?? {});
  const got = await authorized(at, profile, "read", env);
  assertSame(got, tokensOf(profile), `other tokens: ${Object.keys(got)}`);
}

async function assertWritten(
  at: Place,
  profile: string,
  env: Env,
): Promise<void> {
  const before = contents(at.configDir);
  const old = await oldReads(at.configDir, profile, env);
  const got = await authorized(at, profile, "refresh", env);
  assert.equal(got["asked"], 1);
  const { accessToken, refreshToken, ...rest } = await oldReads(
    at.configDir,
    profile,
    env,
  );
  assert.ok(accessToken.token === "CANARY-golden-access-new");
  assert.ok(refreshToken.token === "CANARY-golden-refresh-new");
  const { accessToken: _, refreshToken: __, ...oldRest } = old;
  const kept = { ...oldRest, sealed: undefined };
  assert.deepEqual(
    { ...rest, sealed: undefined },
    // A file of pyTD's said nothing of these.
    profile === "pytd"
      ? { ...kept, provider: "schwab", consumerKey: "GOLDENAPP", scope: "api" }
      : kept,
  );
  const after = contents(at.configDir);
  assert.deepEqual(Object.keys(after), Object.keys(before));
  const changed = Object.keys(after).filter((name) =>
    after[name] !== before[name]
  );
  assert.equal(changed.length, 1, "it wrote one file");
  const [name = ""] = changed;
  const { access_token: ___, refresh_token: ____, sealed: _____, ...beside } =
    JSON.parse(before[name] ?? "");
  const file = JSON.parse(after[name] ?? "");
  for (const [key, value] of Object.entries(beside)) {
    assertSame(file[key], value, `it changed "${key}"`);
  }
  const [, kind] = /^tdauth-sealed:1:(\w+):/.exec(file.sealed ?? "") ?? [];
  assert.equal(kind, SEALS[profile]);
  if (kind !== undefined) {
    assert.ok(!JSON.stringify(file).includes("CANARY-golden"), "not sealed");
  }
}

for (const profile of Object.keys({ ...VALID, ...OTHERS })) {
  if (profile === "keychain") continue;
  const env = OPENED_BY[profile] ?? {};
  Deno.test(`tdauth and authorize() read the tokens of ${profile} as c2180da wrote them, and change nothing`, () =>
    reading((at) => assertRead(at, profile, env)));
  if (profile === "issuer") continue; // it would have to be discovered
  Deno.test(`c2180da reads the tokens of ${profile} after a refresh, which keeps what was beside them`, async () => {
    await using at = place();
    await assertWritten(at, profile, env);
  });
}

Deno.test(
  needsKeyring(
    "tdauth and authorize() read tokens that c2180da sealed by the keychain, and seal new ones so that it reads them",
  ),
  async () => {
    await using keyring = await startKeyring();
    const { id, secret } = written("keychain.json") as Record<string, string>;
    const store = new Deno.Command("secret-tool", {
      args: [
        ...["store", "--label=tdauth: key of tokens"],
        ...["application", "tdauth", "key", id ?? ""],
      ],
      env: { ...keyring.env },
      stdin: "piped",
    }).spawn();
    const writer = store.stdin.getWriter();
    await writer.write(new TextEncoder().encode(secret));
    await writer.close();
    assert.equal((await store.status).code, 0);
    const { HOME: _, ...env } = keyring.env as Record<string, string>;
    await reading((at) => assertRead(at, "keychain", env));
    await using at = place();
    await assertWritten(at, "keychain", {
      ...env,
      PATH: Deno.env.get("PATH") ?? "",
      HOME: at.home,
    });
  },
);

Deno.test("authorize() knows of a refresh that c2180da had sent, and whose response was lost", async () => {
  await using at = place();
  const got = await authorized(at, "pending", "refused");
  assert.equal(got["code"], "login_needed");
  assert.match(String(got["message"]), /an earlier refresh was lost/);
  assert.equal(got["asked"], 1);
});

Deno.test("tdauth and authorize() know of a refresh token that c2180da saw rejected, send nothing and change nothing", () =>
  reading(async (at) => {
    const got = await authorized(at, "refused", "read", {
      GOLDEN_NOW: String(NOW + 30),
    });
    assert.deepEqual([got["code"], got["asked"]], ["login_needed", 0]);
    assert.match(String(got["message"]), /was replaced by a newer login/);
    const { status = {} } = said.profiles["refused"] ?? {};
    assertSaid(await says(at, ["status", "--profile", "refused"]), status);
  }));

Deno.test("c2180da reads an access token without a known end and the record of the client, and keeps the record", async () => {
  await using directory = await temporaryDirectory();
  const client = {
    settings: "salt.hash",
    works: "client_secret_raw_basic",
    rejected: { time: NOW, reason: "no", ways: ["client_secret_raw_basic"] },
  };
  const refreshDoubt = { time: NOW, last: NOW + 9, reason: "a web page" };
  const file = `${directory.path}/tokens.json`;
  await Deno.writeTextFile(
    file,
    formatTokens({
      accessToken: new AccessToken({ token: "A", expiresIn: Infinity }),
      refreshToken: new RefreshToken({ token: "R", expiresIn: Infinity }),
      client,
      refreshDoubt,
    }),
    { mode: 0o600 },
  );
  const { DiskCache } = await loadOld();
  const cache = new DiskCache(directory.path, "tokens.json");
  const old = await cache.load();
  assert.deepEqual([old.accessToken.token, old.refreshToken.token], ["A", "R"]);
  await cache.save(old);
  const again = parseTokens(await Deno.readTextFile(file));
  assert.deepEqual([again.client, again.refreshDoubt], [client, refreshDoubt]);
  assert.equal(again.accessToken.expiry, Infinity);
});

Deno.test("tdauth import imports pyTD's file", async () => {
  await using at = place();
  const file = `${at.home}/pytd.json`;
  const text = Deno.readTextFileSync(`${at.configDir}/pytd.GOLDENAPP`);
  Deno.writeTextFileSync(file, text, { mode: 0o600 });
  const { code, stderr } = await run(at, CLI, [
    ...["import", file, "--format", "pytd", "--profile", "default", "--force"],
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(Deno.readTextFileSync(file), text);
  const got = await authorized(at, "default", "read");
  assertSame(got, tokensOf("pytd"), "other tokens");
});

Deno.test("authorize() rejects tokens that c2180da got for another app or from another broker, and changes nothing", async () => {
  await using at = place();
  const { configDir } = at;
  Deno.copyFileSync(`${configDir}/${APP}`, `${configDir}/OTHERAPP`);
  const before = contents(configDir);
  const app = await authorized(at, "default", "read", {
    TD_CONSUMER_KEY: "OTHERAPP",
  });
  assert.deepEqual([app["code"], app["asked"]], ["cache_unreadable", 0]);
  const broker = await authorized(at, "default", "read", {
    TD_PROVIDER: "tdameritrade",
  });
  assert.deepEqual([broker["code"], broker["asked"]], ["login_needed", 0]);
  assertSame(contents(configDir), before, "reading changed a file");
});
