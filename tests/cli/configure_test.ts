import assert from "node:assert/strict";
import { makeLocalCertificate } from "../../src/certificate/local_ca.ts";
import { PRESETS } from "../../src/providers/presets.ts";
import {
  type SettingName,
  settingRow,
} from "../../src/settings/setting_table.ts";
import {
  PROFILE_NAMES,
  settingText,
} from "../../src/settings/setting_values.ts";
import { example } from "../settings/example.ts";
import { assertError, assertQuiet, jsonOf, modeOf } from "./asserts.ts";
import { APPROVE, startMachine } from "./machine.ts";

Deno.test("tdauth configure accepts flags and TD_CONSUMER_SECRET, saves them readable only by their owner, and login needs nothing else", async () => {
  await using machine = await startMachine();
  const { consumerKey, consumerSecret, callbackUrl } = machine.sandbox.app;
  const result = await machine.run([
    "configure",
    "--provider",
    "schwab",
    "--consumer-key",
    consumerKey,
    "--callback-url",
    callbackUrl,
    "--sandbox",
    machine.sandbox.url,
  ], { env: { TD_CONSUMER_SECRET: consumerSecret } });
  assertQuiet(result);
  assert.equal(
    result.stderr,
    `Configured the profile default in ~/.config/tdauth/config.json.\nNext: tdauth login\n`,
  );
  assert.deepEqual(machine.readConfig(), {
    profiles: {
      default: {
        provider: "schwab",
        consumerKey,
        consumerSecret,
        callbackUrl,
        sandbox: machine.sandbox.url,
      },
    },
  });
  assert.equal(modeOf(`${machine.configDir}/config.json`), 0o600);
  assert.equal(modeOf(`${machine.configDir}/certificate.json`), 0o600);
  assert.equal(modeOf(machine.configDir), 0o700);
  assert.deepEqual(machine.sandbox.requests, []);

  const certificate = Deno.readTextFileSync(
    `${machine.configDir}/certificate.json`,
  );
  assertQuiet(await machine.run(["login", "--browser", APPROVE]));
  assert.equal(
    Deno.readTextFileSync(`${machine.configDir}/certificate.json`),
    certificate,
  );
});

Deno.test("tdauth configure reads everything from the environment, and prints no secret with --json", async () => {
  await using machine = await startMachine();
  const result = await machine.run(["configure", "--json", "--verbose"], {
    env: machine.appEnv,
  });
  assert.equal(result.code, 0, result.stderr);
  assert.deepEqual(jsonOf(result), {
    profile: "default",
    provider: "schwab",
    callback_url: machine.sandbox.app.callbackUrl,
    config: `${machine.configDir}/config.json`,
  });
});

Deno.test("tdauth configure makes no certificate for an http callback, nor for one elsewhere", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  for (const url of ["http://localhost:8080", "https://example.com/callback"]) {
    assertQuiet(
      await machine.run(["configure", "--callback-url", url], {
        env: machine.appEnv,
      }),
    );
    assert.throws(
      () => Deno.statSync(`${machine.configDir}/certificate.json`),
      Deno.errors.NotFound,
    );
  }
});

Deno.test("tdauth configure reports everything missing in one error, and writes nothing", async () => {
  await using machine = await startMachine();
  assertError(
    await machine.run(["configure", "--provider", "schwab"]),
    2,
    /missing consumer key \(.*\), callback URL \(.*\), consumer secret \(TD_CONSUMER_SECRET\)$/,
    /^hint: /,
  );
  for (
    const [name, flag] of [
      ["TD_CONSUMER_KEY", "--consumer-key"],
      ["TD_CALLBACK_URL", "--callback-url"],
      ["TD_CONSUMER_SECRET", "TD_CONSUMER_SECRET"],
    ] as const
  ) {
    assertError(
      await machine.run(["configure"], {
        env: { ...machine.appEnv, [name]: undefined },
      }),
      2,
      new RegExp(
        `^tdauth: cannot configure: missing [^)]*\\(${flag}[^)]*\\)$`,
      ),
    );
  }
  assert.throws(() => machine.readConfig(), Deno.errors.NotFound);
});

Deno.test("tdauth configure refuses a callback URL that cannot work, and warns about what may go wrong with others", async () => {
  await using machine = await startMachine();
  const configure = (url: string) =>
    machine.run(["configure", "--callback-url", url], { env: machine.appEnv });
  assertError(
    await configure("http://127.0.0.1:8182"),
    2,
    /Charles Schwab accepts only https callback URLs$/,
  );
  assert.throws(() => machine.readConfig(), Deno.errors.NotFound);
  for (
    const [url, note] of [
      ["https://localhost:8182", /requires https:\/\/127\.0\.0\.1:PORT/],
      ["https://127.0.0.1", /port is below 1024/],
      ["HTTPS://127.0.0.1:8182", /form is unusual/],
      ["https://example.com/cb", /is not on this machine: you must paste/],
      ["https://127.0.0.1:0", /: browsers cannot open port 0; .* as 8182: /],
      [
        "https://0.0.0.0:8182",
        /: 0\.0\.0\.0 is not an address .* use 127\.0\.0\.1: /,
      ],
      ["https://[::]:8182", /: \[::\] is not an address .* use 127\.0\.0\.1: /],
    ] as const
  ) {
    const result = await configure(url);
    assertQuiet(result);
    assert.match(result.stderr, /^note: the callback URL /);
    assert.match(result.stderr, note);
    // Letter for letter, as the broker compares it.
    assert.equal(
      machine.readConfig().profiles["default"]?.["callbackUrl"],
      url,
    );
  }
});

Deno.test("tdauth configure keeps the other profiles and what it does not know in config.json", async () => {
  await using machine = await startMachine();
  const path = `${machine.configDir}/config.json`;
  const old = { profiles: { old: { provider: "schwab" } }, $schema: "x" };
  machine.writeConfig({});
  Deno.writeTextFileSync(path, JSON.stringify(old));
  assertQuiet(
    await machine.run(["configure", "--profile", "work"], {
      env: machine.appEnv,
    }),
  );
  const now = JSON.parse(Deno.readTextFileSync(path));
  assert.equal(now["$schema"], "x");
  assert.deepEqual(Object.keys(now.profiles), ["old", "work"]);
  assert.deepEqual(now.profiles.old, { provider: "schwab" });
});

Deno.test("tdauth configure refuses a certificate of the user's own that cannot be read, and one without its key", async () => {
  await using machine = await startMachine();
  const configure = (...args: string[]) =>
    machine.run(["configure", ...args], { env: machine.appEnv });
  assertError(
    await configure("--cert-file", "none.pem", "--key-file", "none.pem"),
    1,
    /cannot use ".*\/none\.pem" as the callback server's certificate: /,
  );
  assertError(
    await configure("--cert-file", "none.pem"),
    2,
    /certFile and keyFile are required$/,
    /TD_CERT_FILE and TD_KEY_FILE/,
  );
  assert.throws(() => machine.readConfig(), Deno.errors.NotFound);
});

Deno.test("tdauth configure remembers a certificate of the user's own wherever it is called from", async () => {
  await using machine = await startMachine();
  const own = await makeLocalCertificate(Math.floor(Date.now() / 1000));
  Deno.writeTextFileSync(`${machine.cwd}/cert.pem`, own.cert);
  Deno.writeTextFileSync(`${machine.cwd}/key.pem`, own.key);
  const args = [
    "configure",
    "--cert-file",
    "cert.pem",
    "--key-file",
    "./key.pem",
  ];
  assertQuiet(await machine.run(args, { env: machine.appEnv }));
  const { certFile, keyFile } = machine.readConfig().profiles["default"] ?? {};
  assert.deepEqual([certFile, keyFile], [
    `${machine.cwd}/cert.pem`,
    `${machine.cwd}/key.pem`,
  ]);
  const login = ["login", "--browser", APPROVE];
  const result = await machine.run(login, { cwd: machine.home });
  assertQuiet(result);
  assert.doesNotMatch(result.stderr, /tdauth generated it/);
  assert.throws(
    () => Deno.statSync(`${machine.configDir}/certificate.json`),
    Deno.errors.NotFound,
  );
});

Deno.test("tdauth configure and login keep every setting that a profile has", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const { appEnv, home } = machine;
  // With others no login at this broker works.
  const fitting: Partial<Record<SettingName, string>> = {
    consumerKeySuffix: "@AMER.OAUTHAP",
  };
  // A profile with a keeper is asked of the keeper: follower_test.ts.
  const names = PROFILE_NAMES.filter((name) => name !== "keeper");
  const values = Object.fromEntries(names.map((name) => {
    const given = appEnv[settingRow(name).variable] ?? fitting[name] ??
      settingText(example(name, home)[1]);
    return [name, given] as const;
  }));
  const env = Object.fromEntries(
    names.map((name) => [settingRow(name).variable, values[name]] as const),
  );
  machine.secrets.add(values["consumerSecret"] ?? "");
  for (const args of [["configure"], ["login", "--browser", APPROVE]]) {
    const result = await machine.run([...args, "--profile", args[0] ?? ""], {
      env,
    });
    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(machine.readConfig().profiles[args[0] ?? ""], values);
  }
});

for (const { key, name, secret, exampleCallbackUrl } of PRESETS) {
  Deno.test(`tdauth configure keeps an app at ${name}, and wants a secret where it issues one to all`, async () => {
    await using machine = await startMachine();
    const args = [
      ...["configure", "--provider", key.toUpperCase()],
      ...["--consumer-key", "KEY", "--callback-url", exampleCallbackUrl],
    ];
    const without = await machine.run(args);
    if (secret === "needed") {
      assertError(without, 2, /missing consumer secret/, /tdauth configure/);
    } else assert.equal(without.code, 0, without.stderr);
    machine.secrets.add("CANARY-configured");
    const env = secret === "none"
      ? {}
      : { TD_CONSUMER_SECRET: "CANARY-configured" };
    assert.equal((await machine.run(args, { env })).code, 0);
    assert.equal(machine.readConfig().profiles["default"]?.["provider"], key);
    const { stdout } = await machine.run(["status"]);
    assert.ok(stdout.includes(name), stdout);
    const offered = await machine.run(["complete", "--", "--provider", ""]);
    assert.ok(offered.stdout.includes(`${key}\t${name}\n`), offered.stdout);
  });
}
