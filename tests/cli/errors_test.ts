import assert from "node:assert/strict";
import { assertError, jsonOf } from "./asserts.ts";
import { APPROVE, startMachine } from "./machine.ts";

const KEY = { TD_CONSUMER_KEY: "KEY" };
const SCHWAB = { ...KEY, TD_PROVIDER: "schwab", TD_CONSUMER_SECRET: "CANARY" };

/** What is wrong, and what is said of it; all of these exit with 2. */
const WRONG: readonly {
  readonly name: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly why: RegExp;
  readonly hint?: RegExp;
}[] = [
  {
    name: "no app key is set",
    args: ["token"],
    why: /^tdauth: cannot authorize: not set up yet \(no app key\)$/,
    hint: /^hint: run tdauth configure, or set TD_CONSUMER_KEY/,
  },
  {
    name: "the issuer is on plain http elsewhere",
    args: ["login", "--provider", "http://example.com"],
    env: { ...KEY, TD_CALLBACK_URL: "http://127.0.0.1:8080" },
    why: /http:\/\/example\.com/,
  },
  {
    name: "the practice broker is not on this machine",
    args: ["status"],
    env: { ...KEY, TD_SANDBOX: "http://example.com" },
    why: /cannot use "http:\/\/example\.com" as the practice broker: /,
    hint: /tdauth sandbox/,
  },
  {
    name: "the profile's name leads elsewhere",
    args: ["status", "--profile", "../evil"],
    env: KEY,
    why: /cannot use "\.\.\/evil" as profile \(TD_PROFILE\): /,
  },
  {
    name: "the profile's name is too long for a file",
    args: ["status", "--profile", "p".repeat(65)],
    env: KEY,
    why: /as profile \(TD_PROFILE\): .* up to 64 letters, .*underscores$/,
  },
  {
    name: "the profile's name is empty",
    args: ["status", "--profile", ""],
    env: KEY,
    why: /cannot use "" as profile/,
  },
  {
    name: "the profile is __proto__",
    args: ["status", "--profile", "__proto__"],
    env: KEY,
    why: /cannot use "__proto__" as profile/,
  },
  {
    name: "the home directory is unknown",
    args: ["token"],
    env: { ...KEY, HOME: undefined },
    why: /HOME is not set to an absolute path$/,
    hint: /--config-dir or TD_CONFIG_DIR/,
  },
  {
    name: "~ is nobody's home directory",
    args: ["status"],
    env: { ...KEY, HOME: undefined, TD_CONFIG_DIR: "~/tdauth" },
    why: /HOME is not set to an absolute path$/,
  },
  {
    name: "the home directory is relative",
    args: ["login"],
    env: { ...SCHWAB, HOME: "here" },
    why: /HOME is not set to an absolute path$/,
  },
  ...[
    ["not a URL", "127.0.0.1:8182", /: it is neither http nor https|not a URL/],
    ["of another scheme", "ftp://127.0.0.1", /: it is neither http nor https$/],
    [
      "with a fragment",
      "https://127.0.0.1:8182/#x",
      /: it contains a fragment/,
    ],
    ["with a user", "https://me@127.0.0.1:8182", /: it contains a user name$/],
    [
      "of plain http at Schwab",
      "http://127.0.0.1:8182",
      /: Charles Schwab accepts only https callback URLs$/,
    ],
  ].map(([name, url, why]) => ({
    name: `the callback URL is ${name}`,
    args: ["login"],
    env: { ...SCHWAB, TD_CALLBACK_URL: String(url) },
    why: why as RegExp,
    hint: /exactly as registered/,
  })),
  {
    name: "TD Ameritrade is asked for without the practice broker",
    args: ["login"],
    env: { ...KEY, TD_CALLBACK_URL: "http://localhost:8080" },
    why:
      /^tdauth: cannot log in to TD Ameritrade: TD Ameritrade closed its API in May 2024$/,
    hint: /Charles Schwab.* tdauth configure --provider schwab$/,
  },
  {
    name: "a duration is not one",
    args: ["login", "--timeout", "soon"],
    env: SCHWAB,
    why: /cannot use "soon" for --timeout: it is not a duration$/,
    hint: /--timeout 90s, 5m, 1h30m or 5d$/,
  },
  ...([
    ["status", "--fail-within", "24"],
    ["login", "--if-older", "5"],
    ["login", "--timeout", "0"],
    ["fetch", "--timeout", "1.5"],
    ["token", "--min-valid", "90"],
  ] as const).map(([name, flag, value]) => ({
    name: `${flag} has no unit`,
    args: [name, ...(name === "fetch" ? ["/x"] : []), flag, value],
    env: SCHWAB,
    why: new RegExp(`cannot use "${value}" for ${flag}: it has no unit$`),
    hint: new RegExp(
      `like ${flag} ${value}d, ${value}h, ${value}m or ${value}s$`,
    ),
  })),
  ...([
    ["0s", "it must be longer than zero"],
    ["99999999999999h", "it is longer than a year"],
  ] as const).map(([value, why]) => ({
    name: `--timeout: ${why}`,
    args: ["login", "--timeout", value],
    env: SCHWAB,
    why: new RegExp(`cannot use "${value}" for --timeout: ${why}$`),
    hint: /from 1s to 52w$/,
  })),
  {
    name: "half of a certificate is given",
    args: ["login", "--cert-file", "cert.pem"],
    env: { ...SCHWAB, TD_CALLBACK_URL: "https://127.0.0.1:28182" },
    why: /certFile and keyFile are required$/,
    hint: /TD_CERT_FILE and TD_KEY_FILE/,
  },
];

for (const { name, args, env = {}, why, hint } of WRONG) {
  Deno.test(`tdauth ${args[0]} exits with 2 when ${name}`, async () => {
    await using machine = await startMachine();
    machine.secrets.add("CANARY");
    assertError(await machine.run(args, { env }), 2, why, hint);
    const json = await machine.run([...args, "--json"], { env });
    const { error } = jsonOf(json) as { error: Record<string, unknown> };
    assert.deepEqual([json.code, error["code"]], [2, "invalid_options"]);
  });
}

for (
  const [name, text, why] of [
    ["is not JSON", '{"CANARY', /: it is not JSON$/],
    ["is a list", "[]", /: it is not a JSON object$/],
    ["has no profiles", '{"profiles":1}', /: "profiles" is not an object$/],
    [
      "has a profile of another kind",
      '{"profiles":{"default":"CANARY"}}',
      /: the profile "default" is not an object$/,
    ],
    [
      "has a number for a key",
      '{"profiles":{"default":{"consumerKey":1}}}',
      /: "consumerKey" of the profile "default" is not a string$/,
    ],
  ] as const
) {
  Deno.test(`tdauth exits with 2 and leaves config.json alone when it ${name}`, async () => {
    await using machine = await startMachine();
    machine.secrets.add("CANARY");
    machine.writeConfig({});
    const path = `${machine.configDir}/config.json`;
    Deno.writeTextFileSync(path, text);
    for (const args of [["token"], ["status"], ["login"], ["configure"]]) {
      assertError(
        await machine.run([...args], { env: machine.appEnv }),
        2,
        why,
        /^hint: fix the file, or move it away and run tdauth configure$/,
      );
    }
    assert.equal(Deno.readTextFileSync(path), text);
  });
}

Deno.test("tdauth makes no file anywhere when the home directory is unknown", async () => {
  await using machine = await startMachine();
  const env = { ...machine.appEnv, HOME: undefined };
  for (
    const args of [["login", "--browser", APPROVE], ["configure"], ["status"]]
  ) {
    assertError(await machine.run(args, { env }), 2, /HOME is not set/);
  }
  for (const path of [machine.home, machine.cwd]) {
    assert.deepEqual([...Deno.readDirSync(path)], []);
  }
  assert.deepEqual(machine.sandbox.requests, []);
});

Deno.test("tdauth exits with 1 when the configuration directory cannot be made", async () => {
  await using machine = await startMachine();
  const nowhere = `${machine.home}/nowhere`;
  Deno.symlinkSync(`${machine.home}/not/there`, nowhere);
  assertError(
    await machine.run(["login"], {
      env: {
        ...KEY,
        TD_PROVIDER: "schwab",
        TD_CALLBACK_URL: "http://127.0.0.1:1",
        TD_CONFIG_DIR: nowhere,
      },
    }),
    1,
    /cannot use the directory ".*\/nowhere": /,
    /hint: use another directory with TD_CONFIG_DIR or --config-dir$/m,
  );
});

Deno.test("tdauth exits with 2 when something else is where the configuration directory should be", async () => {
  await using machine = await startMachine();
  Deno.writeTextFileSync(`${machine.home}/file`, "");
  assertError(
    await machine.run(["status"], {
      env: { ...KEY, TD_CONFIG_DIR: `${machine.home}/file` },
    }),
    2,
    /cannot read the settings in ".*\/file\/config\.json": ".*\/file" is not a directory$/,
    /use another one with TD_CONFIG_DIR or --config-dir$/,
  );
});

Deno.test("tdauth exits with 5 when an issuer cannot be reached", async () => {
  await using machine = await startMachine();
  const issuer = `http://127.0.0.1:${machine.port}`;
  const { code, stdout, stderr } = await machine.run(
    ["login", "--provider", issuer],
    { env: { ...KEY, TD_CALLBACK_URL: "http://127.0.0.1:28080" } },
  );
  assert.deepEqual([code, stdout], [5, ""]);
  assert.match(
    stderr,
    new RegExp(`^tdauth: cannot reach the issuer "${issuer}".*\nhint: .*\n$`),
  );
});

Deno.test("tdauth exits with 2 and names the known ones when the provider is unknown", async () => {
  await using machine = await startMachine();
  const args = ["status", "--provider", "schwap"];
  const { code, stdout, stderr } = await machine.run(args, { env: KEY });
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(
    stderr,
    /^tdauth: cannot use "schwap" as the provider: there is none of that name.*\nhint: .*"schwab", .*"tdameritrade", .* or the URL.*\n$/,
  );
});
