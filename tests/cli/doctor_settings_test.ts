import assert from "node:assert/strict";
import { maskKey } from "../../src/login/mask_key.ts";
import { SETTING_NAMES, settingRow } from "../../src/settings/setting_table.ts";
import {
  PROFILE_KEYS,
  settingText,
} from "../../src/settings/setting_values.ts";
import { VARIABLES } from "../../src/settings/variable_table.ts";
import { example } from "../settings/example.ts";
import { assertLine, examined, lineOf } from "./doctor.ts";
import { startMachine } from "./machine.ts";

Deno.test("tdauth doctor shows every setting and where it came from, and no secret", async () => {
  await using machine = await startMachine({
    consumerKey: "abcdEFGHIJKLMNOPQRSTUVWXwxyz",
  });
  const { TD_CONSUMER_SECRET, TD_SANDBOX, ...rest } = machine.appEnv;
  machine.writeConfig({
    default: { consumerSecret: TD_CONSUMER_SECRET ?? "" },
  });
  Deno.writeTextFileSync(`${machine.cwd}/.env`, "TD_SCOPE=api\n");
  const lines = await examined(machine, ["--offline", "--provider", "schwab"], {
    env: { ...rest, TD_CONSUMER_SECRET: undefined },
  });
  assertLine(lines, "profile", "ok", /^default \(default\)$/);
  assertLine(lines, "provider", "ok", /^schwab \(flag\)$/);
  assertLine(lines, "consumer_key", "ok", /^abcd…wxyz \(environment\)$/);
  assertLine(lines, "secret", "ok", /^set, not shown \(config\.json\)$/);
  assertLine(lines, "scope", "ok", /^api \(\.env\)$/);
  assertLine(lines, "sandbox", "ok", new RegExp(`^${TD_SANDBOX} \\(env`));
  assertLine(lines, "spelling", "ok", /known/);
});

Deno.test("tdauth doctor asks no broker, and speaks of none, before anything is configured", async () => {
  await using machine = await startMachine();
  const nothing = Object.fromEntries(
    Object.keys(machine.appEnv).map((name) => [name, undefined]),
  );
  const lines = await examined(machine, [], { env: nothing });
  assertLine(lines, "provider", "ok", /^not set \(default: schwab\)$/);
  assertLine(lines, "consumer_key", "failed", /not set$/, /tdauth configure$/);
  assertLine(lines, "broker", "ok", /^not set up yet$/);
  assert.doesNotMatch(JSON.stringify(lines), /TD Ameritrade/);
});

Deno.test("tdauth doctor fails without a consumer key, and without the secret that Schwab asks for", async () => {
  await using machine = await startMachine();
  const none = await examined(machine, ["--offline"], {
    env: { TD_CONSUMER_KEY: undefined, TD_CONSUMER_SECRET: undefined },
  });
  assertLine(none, "consumer_key", "failed", /not set$/, /tdauth configure$/);
  assertLine(none, "secret", "failed", /not set/, /TD_CONSUMER_SECRET/);
  const named = await examined(machine, ["--offline", "--profile", "work"], {
    env: { TD_CONSUMER_KEY: undefined },
  });
  assertLine(
    named,
    "consumer_key",
    "failed",
    /there is no profile "work"/,
    /tdauth configure --profile work$/,
  );
});

Deno.test("tdauth doctor fails with what is wrong where the settings cannot be used", async () => {
  await using machine = await startMachine();
  assertLine(
    await examined(machine, ["--offline"], {
      env: { TD_STORE_TOKENS: "perhaps" },
    }),
    "settings",
    "failed",
    /cannot use "perhaps"/,
    /another value/,
  );
  assertLine(
    await examined(machine, ["--offline", "--provider", "etrade"]),
    "provider",
    "failed",
    /none of that name/,
    /"schwab"/,
  );
  Deno.mkdirSync(machine.configDir, { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(`${machine.configDir}/config.json`, "{ profiles", {
    mode: 0o600,
  });
  assertLine(
    await examined(machine),
    "settings",
    "failed",
    /it is not JSON/,
    /fix the file/,
  );
  Deno.removeSync(`${machine.configDir}/config.json`);
  Deno.writeTextFileSync(
    `${machine.cwd}/.env`,
    "TD_SANDBOX=http://127.0.0.1:1",
  );
  assertLine(
    await examined(machine, ["--offline"], { env: { TD_SANDBOX: undefined } }),
    "settings",
    "failed",
    /cannot take TD_SANDBOX from \.env/,
    /set TD_SANDBOX in the environment/,
  );
  assertLine(
    await examined(machine, ["--offline"], { env: { HOME: undefined } }),
    "settings",
    "failed",
    /HOME is not set/,
    /--config-dir/,
  );
});

Deno.test("tdauth doctor warns of variables and keys that have no effect, and of what they may have been meant to be", async () => {
  await using machine = await startMachine();
  machine.writeConfig({
    default: {
      consumerKey: machine.sandbox.app.consumerKey,
      callback_url: "http://localhost:1234",
    },
  });
  const run = (env: Record<string, string>) =>
    examined(machine, ["--offline"], { env });
  const expected: readonly [Record<string, string>, RegExp, RegExp][] = [
    [
      { TD_CALLBACK_URI: "x" },
      /TD_CALLBACK_URI in the env/,
      /TD_CALLBACK_URL\?/,
    ],
    [{ TD_CONSUMERKEY: "x" }, /TD_CONSUMERKEY/, /TD_CONSUMER_KEY\?/],
    [{ td_profile: "x" }, /td_profile/, /TD_PROFILE\?/],
    [{ TD_BANK_BRANCH: "x" }, /TD_BANK_BRANCH/, /another program/],
  ];
  for (const [env, what, fix] of expected) {
    const spelled = (await run(env)).filter(({ check }) =>
      check === "spelling"
    );
    assert.deepEqual(spelled.map(({ state }) => state), ["warning", "warning"]);
    assert.match(spelled[0]?.what ?? "", what);
    assert.match(spelled[0]?.fix ?? "", fix);
    assert.match(spelled[1]?.what ?? "", /"callback_url" of the profile "def/);
    assert.match(spelled[1]?.fix ?? "", /callbackUrl\?$/);
  }
  Deno.writeTextFileSync(
    `${machine.configDir}/config.json`,
    `{"profile": {}, "scope": "api"}`,
  );
  const top = (await run({})).filter(({ check }) => check === "spelling");
  assert.match(top[0]?.fix ?? "", /mean profiles\?/);
  assert.match(top[1]?.fix ?? "", /into a profile/);
});

Deno.test("tdauth doctor warns of .env lines without effect, and of a profile of another app", async () => {
  await using machine = await startMachine();
  machine.writeConfig({ default: { consumerKey: "ANOTHER-APP" } });
  machine.secrets.add("IGNORED-SECRET");
  Deno.writeTextFileSync(
    `${machine.cwd}/.env`,
    "TD_CONSUMER_SECRET=IGNORED-SECRET\nTD_SCOPES=api\n",
    { mode: 0o600 },
  );
  const lines = await examined(machine);
  assertLine(
    lines,
    "env_file",
    "warning",
    /TD_CONSUMER_SECRET in \.env is overridden/,
    /unset TD_CONSUMER_SECRET$/,
  );
  assertLine(lines, "spelling", "warning", /TD_SCOPES in \.env/, /TD_SCOPE\?/);
  assertLine(lines, "other_app", "warning", /"default"/, /--profile/);
  assert.equal(lineOf(lines, "consumer_key").state, "ok");
});

Deno.test("tdauth doctor warns when others can read the secret in .env", async () => {
  await using machine = await startMachine();
  const { TD_CONSUMER_SECRET } = machine.appEnv;
  const path = `${machine.cwd}/.env`;
  const run = () =>
    examined(machine, ["--offline"], {
      env: { TD_CONSUMER_SECRET: undefined },
    });
  Deno.writeTextFileSync(path, `TD_CONSUMER_SECRET=${TD_CONSUMER_SECRET}\n`);
  Deno.chmodSync(path, 0o644);
  assertLine(await run(), "env_file", "warning", /others/, /chmod 600 \.env$/);
  Deno.chmodSync(path, 0o600);
  assert.ok(!(await run()).some(({ check }) => check === "env_file"));
});

Deno.test("tdauth doctor knows every variable and every key of a profile, and shows every setting but secrets", async () => {
  await using machine = await startMachine();
  const { appEnv, home, configDir } = machine;
  // With the secret itself it would be one too many.
  const names = SETTING_NAMES.filter((name) => name !== "consumerSecretFile");
  const values = Object.fromEntries(names.map((name) => {
    const { variable, default: otherwise } = settingRow(name);
    const given = appEnv[variable] ?? otherwise ??
      (name === "configDir" ? configDir : settingText(example(name, home)[1]));
    return [name, given] as const;
  }));
  machine.writeConfig({
    default: Object.fromEntries(PROFILE_KEYS.map((key) => [
      key,
      values[key as keyof typeof values] ?? "key",
    ])),
  });
  const env = {
    ...Object.fromEntries(
      names.map((name) => [settingRow(name).variable, values[name]]),
    ),
    ...Object.fromEntries(
      Object.entries(VARIABLES).filter(([name, { flag }]) =>
        name.startsWith("TD_") && flag === undefined
      ).map(([name]) => [name, "0"]),
    ),
  };
  const lines = await examined(machine, ["--offline"], { env });
  assertLine(lines, "spelling", "ok", /^every setting is known$/);
  for (const name of names) {
    const { secret } = settingRow(name);
    const value = String(values[name]);
    const shown = secret
      ? "set, not shown"
      : name === "consumerKey"
      ? maskKey(value)
      : name === "storeTokens"
      ? value.toLowerCase()
      : value;
    assert.ok(
      lines.some(({ what }) => what === `${shown} (environment)`) ||
        name === "callbackUrl",
      `${name}: ${JSON.stringify(lines)}`,
    );
    if (secret) assert.ok(!JSON.stringify(lines).includes(value));
  }
});
