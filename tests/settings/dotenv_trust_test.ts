import assert from "node:assert/strict";
import {
  SETTING_NAMES,
  type SettingKind,
  type SettingName,
  settingRow,
} from "../../src/settings/setting_table.ts";
import { VARIABLES } from "../../src/settings/variable_table.ts";
import { resolveSettings } from "../../src/settings/settings.ts";
import { failsWith, only, temporaryDirectory } from "../support.ts";

/** What a stranger would write, for each kind of setting. */
const STRANGERS: Readonly<Record<SettingKind, string>> = {
  text: "CANARY-strangers",
  url: "https://evil.example/callback",
  path: "/home/me/.ssh/id_rsa",
  name: "work",
  provider: "https://evil.example",
  endpoint: "https://evil.example/token",
  origin: "https://evil.example",
  parameters: "prompt=none",
  seconds: "1",
  header: "evil/1",
  keeper: "ssh://evil.example",
  boolean: "False",
  choice: "",
};

/** What a stranger would write there. */
function strangers(name: SettingName): string {
  const { kind, choices } = settingRow(name);
  return choices?.[0] ?? STRANGERS[kind];
}

/** A file that is read at once where it is to hold a secret. */
function secretAt(path: string): void {
  Deno.writeTextFileSync(path, "SECRET\n", { mode: 0o600 });
}

/** The settings in a folder with a `.env`, and an empty configuration directory. */
async function inFolder(
  path: string,
  dotenv: Record<string, string>,
  environment: Record<string, string> = {},
) {
  return await resolveSettings({
    env: (name) => ({ XDG_CONFIG_HOME: path, ...environment })[name],
    dotenv: () => Promise.resolve(dotenv),
  });
}

for (const name of SETTING_NAMES) {
  const { variable, trust, inProfile, flag, kind } = settingRow(name);
  if (trust === "anywhere") {
    Deno.test(`resolveSettings() accepts ${variable} from .env`, async () => {
      await using directory = temporaryDirectory();
      const { sources } = await inFolder(directory.path, {
        [variable]: strangers(name),
      });
      assert.equal(sources[name], ".env");
    });
    continue;
  }
  Deno.test(`resolveSettings() rejects ${variable} in .env, and says where it may be set (line 51)`, async () => {
    await using directory = temporaryDirectory();
    const line = { [variable]: strangers(name) };
    const error = await failsWith(
      "invalid_options",
      inFolder(directory.path, line),
    );
    const { message } = error;
    const hint = error.hint?.format(["tdauth"]) ?? "";
    assert.match(
      message,
      new RegExp(`^Cannot take ${variable} from \\.env: .* may not choose `),
    );
    assert.ok(!message.includes(strangers(name)), "it is not repeated");
    assert.match(hint, new RegExp(`set ${variable} in the environment`));
    if (flag !== undefined) assert.ok(hint.includes(`use ${flag}`));
    assert.equal(hint.includes("tdauth configure"), inProfile);
    // Where the environment says it, .env says nothing.
    const own = kind === "path" ? `${directory.path}/own` : strangers(name);
    if (name === "consumerSecretFile") secretAt(own);
    const { sources } = await inFolder(directory.path, line, {
      [variable]: own,
    });
    assert.equal(sources[name], "environment");
  });
}

Deno.test("resolveSettings() accepts from .env a preset's name as the provider, and a callback URL on this machine", async () => {
  await using directory = temporaryDirectory();
  for (
    const [variable, value] of [
      ["TD_PROVIDER", "schwab"],
      ["TD_CALLBACK_URL", "https://127.0.0.1:8182"],
      ["TD_CALLBACK_URL", "http://localhost:8080/callback"],
    ] as const
  ) await inFolder(directory.path, { [variable]: value });
  for (
    const [variable, value] of [
      ["TD_PROVIDER", "HTTPS://evil.example"],
      ["TD_PROVIDER", " https://evil.example"],
      ["TD_PROVIDER", "http://127.0.0.1:1"],
      ["TD_CALLBACK_URL", "https://127.0.0.1.evil.example"],
      ["TD_CALLBACK_URL", "https://127.0.0.1@evil.example"],
      ["TD_CALLBACK_URL", "https://evil.example#@127.0.0.1"],
      ["TD_CALLBACK_URL", "https://127.0.0.1\\\\@evil.example/"],
      ["TD_CALLBACK_URL", "ftp://localhost/"],
      ["TD_CALLBACK_URL", "javascript://localhost/%0aalert(1)"],
      ["TD_CALLBACK_URL", "not a URL"],
    ] as const
  ) {
    await failsWith(
      "invalid_options",
      inFolder(directory.path, { [variable]: value }),
    );
  }
});

for (const [variable, { trust }] of Object.entries(VARIABLES)) {
  if (trust === "not read") continue;
  Deno.test(`resolveSettings() rejects ${variable} in .env rather than silently ignoring it`, async () => {
    await using directory = temporaryDirectory();
    const { path } = directory;
    const line = { [variable]: "CANARY-key" };
    const { message } = await failsWith(
      "invalid_options",
      inFolder(path, line),
    );
    assert.ok(message.includes(`${variable} from .env`));
    assert.ok(message.endsWith(trust.chooses));
    assert.ok(!message.includes("CANARY"));
    await inFolder(path, line, { [variable]: "CANARY-own" });
  });
}

Deno.test("resolveSettings() sends the secret of the user's app to no other broker that .env names", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const app = {
    provider: "schwab",
    consumerKey: "K",
    consumerSecret: "CANARY",
  };
  Deno.mkdirSync(`${path}/tdauth`, { mode: 0o700 });
  Deno.writeTextFileSync(
    `${path}/tdauth/config.json`,
    JSON.stringify({ profiles: { default: app } }),
  );
  const { message } = await failsWith(
    "invalid_options",
    inFolder(path, { TD_PROVIDER: "tdameritrade" }),
  );
  assert.match(message, /send your schwab app's secret to tdameritrade$/);
  await failsWith(
    "invalid_options",
    inFolder(path, { TD_PROVIDER: "tdameritrade", TD_CONSUMER_KEY: "K" }),
  );
  await inFolder(path, { TD_PROVIDER: "Schwab" });
  // Another app, with nothing of the profile's.
  const other = await inFolder(path, {
    TD_PROVIDER: "tdameritrade",
    TD_CONSUMER_KEY: "OTHER",
  });
  assert.equal(other.consumerSecret, undefined);
});

Deno.test(
  only(
    "Unix",
    "resolveSettings() rejects a relative path in the environment, for it depends on the working directory",
  ),
  async () => {
    await using directory = temporaryDirectory();
    for (const name of SETTING_NAMES) {
      const { variable, kind } = settingRow(name);
      if (kind !== "path") continue;
      for (const path of ["here", "./here", "../here"]) {
        const { message, hint } = await failsWith(
          "invalid_options",
          inFolder(directory.path, {}, { [variable]: path }),
        );
        assert.match(
          message,
          /a relative path depends on the working directory/,
        );
        assert.match(`${hint}`, new RegExp(`${variable}='?/.*here'?$`));
      }
      if (name === "consumerSecretFile") secretAt(`${directory.path}/x`);
      await inFolder(directory.path, {}, {
        HOME: directory.path,
        [variable]: `~/x`,
      });
      if (name === "consumerSecretFile") {
        Deno.removeSync(`${directory.path}/x`);
        continue; // there is none here
      }
      const given = await resolveSettings({
        env: () => undefined,
        dotenv: () => Promise.resolve({}),
        given: { configDir: directory.path, [name]: "here" },
      });
      assert.equal(given[name as "configDir"], `${Deno.cwd()}/here`);
    }
  },
);
