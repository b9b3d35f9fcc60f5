/** Files as Windows and its editors write them: with a byte order mark, in UTF-16, with CRLF; and those that cannot be read. */
import assert from "node:assert/strict";
import { jsonOf } from "./asserts.ts";
import { assertLine, examined } from "./doctor.ts";
import { AS_USER, mounting } from "../mounts.ts";
import { type Machine, startMachine } from "./machine.ts";

/** Encodes a text in UTF-16. */
function utf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at++) {
    view.setUint16(at * 2, text.charCodeAt(at), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

const ENCODINGS: Readonly<Record<string, (text: string) => Uint8Array>> = {
  "UTF-8 with a byte order mark": (text) =>
    new TextEncoder().encode(`\ufeff${text}`),
  "UTF-16 with a byte order mark": (text) => utf16(`\ufeff${text}`, true),
  "big-endian UTF-16": (text) => utf16(`\ufeff${text}`, false),
  "UTF-8 with CRLF": (text) =>
    new TextEncoder().encode(text.replaceAll("\n", "\r\n")),
  "UTF-16 with CRLF": (text) =>
    utf16(`\ufeff${text.replaceAll("\n", "\r\n")}`, true),
};

/** Writes a file again in another encoding. */
function recode(path: string, encode: (text: string) => Uint8Array): void {
  const bytes = encode(Deno.readTextFileSync(path));
  Deno.writeFileSync(path, bytes);
}

/** Moves the app's settings from the environment to a file. */
function settled(
  machine: Machine,
  where: ".env" | "config.json",
): Record<string, string | undefined> {
  const { TD_SANDBOX, ...app } = machine.appEnv;
  if (where === ".env") {
    Deno.writeTextFileSync(
      `${machine.cwd}/.env`,
      Object.entries(app).map(([name, value]) => `${name}="${value}"\n`).join(
        "",
      ),
    );
  } else {
    machine.writeConfig({
      default: {
        consumerKey: app["TD_CONSUMER_KEY"] ?? "",
        consumerSecret: app["TD_CONSUMER_SECRET"] ?? "",
        callbackUrl: app["TD_CALLBACK_URL"] ?? "",
        provider: "schwab",
      },
    });
  }
  const gone = Object.keys(app).map((name) => [name, undefined]);
  return { ...Object.fromEntries(gone), TD_SANDBOX };
}

for (const [name, encode] of Object.entries(ENCODINGS)) {
  Deno.test(`tdauth reads .env, config.json and the token file in ${name}, refreshes, and loses nothing`, async () => {
    for (const where of [".env", "config.json"] as const) {
      await using machine = await startMachine();
      const { access_token } = await machine.signIn();
      const env = settled(machine, where);
      recode(
        where === ".env"
          ? `${machine.cwd}/.env`
          : `${machine.configDir}/config.json`,
        encode,
      );
      recode(machine.tokenPath, encode);
      const result = await machine.run(["token"], { env, printsToken: true });
      assert.deepEqual(
        [result.code, result.stdout, result.stderr],
        [0, `${access_token.token}\n`, ""],
      );
      const refresh = await machine.run(["refresh"], { env });
      assert.equal(refresh.code, 0, refresh.stderr);
      const after = machine.readTokens();
      assert.notEqual(after.access_token.token, access_token.token);
      assert.deepEqual(
        [...Deno.readDirSync(machine.configDir)].map(({ name }) => name)
          .filter((one) => /damaged|corrupt|~/.test(one)),
        [],
      );
      if (where === ".env") continue;
      // What a command adds to a file is added to what was there.
      const configure = await machine.run(
        ["configure", "--profile", "more", "--provider", "schwab"],
        { env: machine.appEnv },
      );
      assert.equal(configure.code, 0, configure.stderr);
      const profiles = Object.keys(machine.readConfig().profiles);
      assert.deepEqual(profiles, ["default", "more"]);
    }
  });
}

Deno.test("tdauth token answers for the profile that a .env in UTF-16 chooses, and says so, however fast it could answer for another", async () => {
  await using machine = await startMachine();
  const { consumerKey, callbackUrl } = machine.sandbox.app;
  const { access_token } = await machine.signIn();
  const work = await machine.signIn(`work.${consumerKey}`);
  // Nothing is in the environment: the quickest way to a token is open.
  const profile = { consumerKey, callbackUrl, provider: "schwab" };
  machine.writeConfig({ default: profile, work: profile });
  for (
    const path of [
      machine.tokenPath,
      `${machine.configDir}/work.${consumerKey}`,
    ]
  ) {
    const file = machine.readTokens(path);
    Deno.writeTextFileSync(
      path,
      JSON.stringify({ ...file, provider: "schwab" }),
    );
  }
  const env = {
    ...Object.fromEntries(
      Object.keys(machine.appEnv).map((name) => [name, undefined]),
    ),
  };
  const token = async () =>
    await machine.run(["token"], { env, printsToken: true });
  const without = await token();
  assert.equal(without.stdout, `${access_token.token}\n`, without.stderr);
  for (const littleEndian of [true, false]) {
    for (const mark of ["", "\ufeff"]) {
      Deno.writeFileSync(
        `${machine.cwd}/.env`,
        utf16(`${mark}TD_PROFILE=work\n`, littleEndian),
      );
      const { stdout, stderr } = await token();
      assert.equal(stdout, `${work.access_token.token}\n`, stderr);
      assert.match(
        stderr,
        /^tdauth: using profile "work" \(TD_PROFILE in \.env\)/,
      );
    }
  }
  Deno.writeFileSync(
    `${machine.cwd}/.env`,
    utf16("TD_PROFILE=work\n", true).slice(0, -1),
  );
  const { stdout, stderr } = await token();
  assert.equal(stdout, `${access_token.token}\n`);
  assert.match(stderr, IGNORED);
});

/** A note about a `.env` that is there and not read. */
const IGNORED = /^tdauth: \.env in the working directory is ignored: (.*)\n$/;

Deno.test("tdauth says that .env is in no encoding that it reads, and goes on without it", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const path = `${machine.cwd}/.env`;
  // The last letter is cut off: not one of the variables can be read.
  Deno.writeFileSync(path, utf16("\ufeffTD_PROFILE=work\n", true).slice(0, -1));
  for (const args of [["token"], ["header"], ["status"], ["token", "--"]]) {
    const { code, stderr } = await machine.run(args, {
      env: machine.appEnv,
      printsToken: true,
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, IGNORED);
    assert.equal(IGNORED.exec(stderr)?.[1], "it is neither UTF-8 nor UTF-16");
  }
  const tab = await machine.run(["complete", "--", "token", "--profile", ""]);
  assert.deepEqual([tab.code, tab.stderr], [0, ""]);
  assertLine(
    await examined(machine),
    "env_file",
    "warning",
    /^\.env cannot be read: it is neither UTF-8 nor UTF-16$/,
    /save it in UTF-8/,
  );
});

Deno.test({
  ...mounting("tdauth says that .env may not be read, and goes on without it"),
  fn: async () => {
    await using machine = await startMachine();
    const { access_token } = await machine.signIn();
    Deno.writeTextFileSync(`${machine.cwd}/.env`, "TD_PROFILE=work\n");
    Deno.chmodSync(`${machine.cwd}/.env`, 0);
    for (const args of [["token"], ["token", "--"]]) {
      const { code, stdout, stderr } = await machine.run(args, {
        env: machine.appEnv,
        printsToken: true,
        under: AS_USER, // root may read everything
      });
      assert.deepEqual([code, stdout], [0, `${access_token.token}\n`], stderr);
      assert.equal(IGNORED.exec(stderr)?.[1], "permission denied");
    }
  },
});

Deno.test("tdauth has nothing to say of a directory named .env, as of Python's virtual environments", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  Deno.mkdirSync(`${machine.cwd}/.env`);
  for (const args of [["token"], ["token", "--"], ["status"]]) {
    const result = await machine.run(args, {
      env: machine.appEnv,
      printsToken: true,
    });
    assert.deepEqual([result.code, result.stderr], [0, ""]);
  }
  jsonOf(await machine.run(["status", "--json"], { env: machine.appEnv }));
});

Deno.test("tdauth rejects a setting of .env that is not in UTF-8, and does not send what is left of it", async () => {
  await using machine = await startMachine();
  const { TD_CONSUMER_SECRET: _, ...env } = machine.appEnv;
  const text = new TextEncoder().encode("# f?r\nTD_CONSUMER_SECRET=gr?n\n");
  // Latin-1, as old Windows editors write it.
  Deno.writeFileSync(
    `${machine.cwd}/.env`,
    text.map((byte) => byte === 63 ? 0xfc : byte),
  );
  const asked = machine.sandbox.requests.length;
  const { code, stderr } = await machine.run(["refresh"], {
    env: { ...env, TD_CONSUMER_SECRET: undefined },
  });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /consumerSecret \(TD_CONSUMER_SECRET, from \.env\): .*is not in UTF-8\n/,
  );
  assert.equal(machine.sandbox.requests.length, asked);
});

Deno.test("tdauth doctor names settings in literal quotes or with invisible letters, and shows no secret", async () => {
  await using machine = await startMachine();
  for (
    const [variable, value, check, what] of [
      ["TD_CONSUMER_KEY", '"KEY"', "consumer_key", /is in quotes/],
      ["TD_CONSUMER_KEY", "\u2018KEY\u2019", "consumer_key", /is in quotes/],
      ["TD_CONSUMER_KEY", "KE\u200bY", "consumer_key", /\(U\+200B\)/],
      ["TD_CONSUMER_SECRET", "CANARY\u2060", "consumer_secret", /\(U\+2060\)/],
      ["TD_CONSUMER_SECRET", "'CANARY'", "consumer_secret", /is in quotes/],
      ["TD_SCOPE", "a\u00a0b", "scope", /\(U\+00A0\)/],
    ] as const
  ) {
    const env = { ...machine.appEnv, [variable]: value };
    const lines = await examined(machine, ["--offline"], { env });
    const found = lines.filter(({ state, what: text }) =>
      state === "warning" && text.startsWith(`${variable} (environment) `)
    );
    assert.deepEqual(found.map(({ check }) => check), [check]);
    assert.match(found[0]?.what ?? "", what);
    assert.doesNotMatch(JSON.stringify(lines), /CANARY/);
  }
  const fine = await examined(machine);
  assert.ok(!fine.some(({ what }) => /in quotes|invisible/.test(what)));
});

Deno.test("tdauth doctor names lines of .env whose names are in quotes or have invisible letters", async () => {
  await using machine = await startMachine();
  Deno.writeTextFileSync(
    `${machine.cwd}/.env`,
    [
      '"TD_SCOPE"=api',
      "TD_\u200bLOG_LEVEL=debug",
      "export 'TD_PROFILE' = work",
      "TD_STORE_TOKENS=True",
      'OTHER="TD_QUOTED"=1',
      "# 'TD_COMMENT'=1",
      "\u200bNOT_OURS=1",
    ].join("\n"),
  );
  const lines = await examined(machine);
  assert.deepEqual(
    lines.filter(({ check }) => check === "env_file").map(({ what }) => what),
    [
      '"TD_SCOPE" in .env is not read',
      "TD_<U+200B>LOG_LEVEL in .env is not read",
      "'TD_PROFILE' in .env is not read",
    ],
  );
});
