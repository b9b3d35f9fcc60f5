/** Every setting and variable, whatever it is: a new row is covered by itself. */
import assert from "node:assert/strict";
import { prepare } from "../../src/client/context.ts";
import { readConfig } from "../../src/settings/config_file.ts";
import { saveProfile, saveSeal } from "../../src/settings/save_profile.ts";
import {
  SETTING_NAMES,
  type SettingKind,
  settingRow,
} from "../../src/settings/setting_table.ts";
import {
  PROFILE_NAMES,
  type ProfileName,
  settingText,
} from "../../src/settings/setting_values.ts";
import { resolveSettings } from "../../src/settings/settings.ts";
import { helpText, VARIABLES } from "../../src/settings/variable_table.ts";
import { failsWith, temporaryDirectory } from "../support.ts";
import { example } from "./example.ts";

/** What is wrong for a kind, and what is said of it. */
const WRONG: Readonly<
  Partial<Record<SettingKind, { texts: readonly string[]; why: RegExp }>>
> = {
  endpoint: {
    texts: [
      "login",
      "http://login.example/token",
      "javascript:alert(1)",
      "https://me@login.example/token",
      "https://login.example/token#x",
    ],
    why: /must be an https URL/,
  },
  origin: {
    texts: [
      "api.example.com",
      "http://api.example.com",
      "https://api.example.com/v1",
      "https://api.example.com/?a=b",
    ],
    why: /without a path/,
  },
  seconds: { texts: ["-1", "1.5", "Infinity", "5m"], why: /whole number/ },
  parameters: { texts: ["audience", "a=b&c", "=b"], why: /NAME=VALUE/ },
};

for (const name of SETTING_NAMES) {
  const { variable, inProfile, kind, choices } = settingRow(name);

  Deno.test(`resolveSettings() reads ${name} as its kind says, from each of its sources`, async () => {
    await using directory = temporaryDirectory();
    const { path } = directory;
    const [text, value] = example(name, path);
    const where = { XDG_CONFIG_HOME: path };
    const none = () => Promise.resolve({});
    const called = await resolveSettings({
      given: { [name]: ` ${text} ` },
      env: (one) => ({ ...where, [variable]: "overridden" })[one],
      dotenv: none,
    });
    assert.deepEqual([called[name], called.sources[name]], [value, "call"]);
    const environment = await resolveSettings({
      env: (one) => ({ ...where, [variable]: text })[one],
      dotenv: none,
    });
    assert.deepEqual(
      [environment[name], environment.sources[name]],
      [value, "environment"],
    );
    const found = await resolveSettings({
      env: (one) => where[one as keyof typeof where],
      dotenv: none,
    });
    assert.equal(found.sources[name], undefined);
    if (!inProfile) return;
    Deno.mkdirSync(`${path}/tdauth`, { mode: 0o700 });
    Deno.writeTextFileSync(
      `${path}/tdauth/config.json`,
      JSON.stringify({ profiles: { default: { [name]: text } } }),
    );
    const saved = await resolveSettings({
      env: (one) => where[one as keyof typeof where],
      dotenv: none,
    });
    assert.deepEqual(
      [saved[name], saved.sources[name]],
      [value, "config.json"],
    );
  });

  if (kind === "boolean" || kind === "choice") {
    Deno.test(
      `resolveSettings() rejects ${name} that is ${
        kind === "boolean" ? "neither true nor false" : "none of its choices"
      }`,
      async () => {
        const { message } = await failsWith(
          "invalid_options",
          resolveSettings({
            given: { [name]: "perhaps", configDir: "/nowhere" },
            env: () => undefined,
            dotenv: () => Promise.resolve({}),
          }),
        );
        assert.ok(
          message.startsWith(`Cannot use "perhaps" as ${name} (${variable}): `),
        );
        for (const choice of choices ?? ["True", "False"]) {
          assert.ok(message.includes(choice));
        }
      },
    );
  }

  const wrong = WRONG[kind];
  if (wrong !== undefined) {
    Deno.test(`resolveSettings() rejects ${name} that is no ${kind}, and says what one is`, async () => {
      for (const text of wrong.texts) {
        const { message } = await failsWith(
          "invalid_options",
          resolveSettings({
            given: { [name]: text, configDir: "/nowhere" },
            env: () => undefined,
            dotenv: () => Promise.resolve({}),
          }),
        );
        assert.ok(
          message.startsWith(`Cannot use "${text}" as ${name} (${variable}): `),
        );
        assert.match(message, wrong.why);
      }
    });
  }

  Deno.test(`prepare() accepts ${name} as an option`, async () => {
    await using directory = temporaryDirectory();
    const [, value] = example(name, directory.path);
    const { settings } = await prepare({
      consumerKey: "KEY",
      callbackUrl: "http://localhost:1",
      configDir: directory.path,
      storeTokens: false,
      log: () => {},
      [name]: value,
    }, { env: () => undefined, dotenv: () => Promise.resolve({}) });
    assert.deepEqual([settings[name], settings.sources[name]], [value, "call"]);
  });
}

Deno.test("saveProfile() keeps every setting that a profile has and nothing else", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const values = Object.fromEntries(
    SETTING_NAMES.map((name) => [name, example(name, path)[1]]),
  );
  saveSeal(path, "work", "key");
  saveProfile(path, "work", values);
  const kept = readConfig(path).profiles["work"];
  assert.deepEqual(
    kept,
    {
      ...Object.fromEntries(
        PROFILE_NAMES.map((name) => [
          name,
          settingText(example(name, path)[1]),
        ]),
      ),
      seal: "key",
    },
  );
  // The same again does not touch the file.
  const before = Deno.statSync(`${path}/config.json`).ino;
  saveProfile(path, "work", values);
  assert.equal(Deno.statSync(`${path}/config.json`).ino, before);
  // What is not set is not kept, nor is a default: it may change.
  const defaults = Object.fromEntries(
    PROFILE_NAMES.map((name): [ProfileName, string | undefined] => [
      name,
      settingRow(name).default,
    ]),
  );
  saveProfile(path, "work", defaults);
  assert.deepEqual(readConfig(path).profiles["work"], { seal: "key" });
});

Deno.test("helpText() says the default, that a secret has no flag, and what .env may say", () => {
  const rows = [...SETTING_NAMES.map(settingRow), ...Object.values(VARIABLES)];
  for (const row of rows) {
    const text = helpText(row);
    assert.ok(text.startsWith(row.help));
    assert.match(row.help, /^[A-Z].*\.$/);
    const otherwise = row.otherwise ?? ("default" in row ? row.default : "");
    if (otherwise) assert.ok(text.includes(`Default: ${otherwise}.`));
    assert.equal(/\.env/.test(text), typeof row.trust !== "string");
  }
  for (const name of SETTING_NAMES) {
    const row = settingRow(name);
    assert.equal(row.secret && row.flag !== undefined, false);
    assert.equal(/No flag takes it/.test(helpText(row)), row.secret);
  }
});
