import assert from "node:assert/strict";
import { assertError, jsonOf } from "./asserts.ts";
import { type Machine, startMachine } from "./machine.ts";

/** What `status` says of the settings; it shows the consumer key and the callback URL. */
async function shown(
  machine: Machine,
  args: readonly string[] = [],
  env: Record<string, string | undefined> = {},
): Promise<Record<string, unknown>> {
  return jsonOf(await machine.run([...args, "status", "--json"], { env }));
}

function dotenv(machine: Machine, text: string): void {
  Deno.writeTextFileSync(`${machine.cwd}/.env`, text);
}

const CALLBACK = "https://127.0.0.1:8182";

Deno.test("tdauth reads a setting from the flag, else the environment, else .env, else config.json, else the default", async () => {
  await using machine = await startMachine();
  const env = { TD_CONSUMER_KEY: "KEY" };
  const provider = async (args?: string[], more?: Record<string, string>) =>
    (await shown(machine, args, { ...env, ...more }))["provider"];

  assert.equal(await provider(), "tdameritrade"); // an app without a secret was never Schwab's
  machine.writeConfig({ default: { provider: "http://127.0.0.1:1/config" } });
  assert.equal(await provider(), "http://127.0.0.1:1/config");
  dotenv(machine, "TD_PROVIDER=schwab\n");
  assert.equal(await provider(), "schwab");
  const more = { TD_PROVIDER: "http://127.0.0.1:1/environment" };
  assert.equal(await provider([], more), "http://127.0.0.1:1/environment");
  assert.equal(
    await provider(["--provider", "http://127.0.0.1:1/flag"], more),
    "http://127.0.0.1:1/flag",
  );
});

Deno.test("tdauth looks for each setting of the app in all its sources", async () => {
  await using machine = await startMachine();
  const url = (port: number) => `https://127.0.0.1:${port}`;
  machine.writeConfig({
    default: { consumerKey: "K", provider: "schwab", callbackUrl: url(1) },
    work: { consumerKey: "W", provider: "schwab", callbackUrl: url(2) },
  });
  assert.equal((await shown(machine))["callback_url"], url(1));
  dotenv(machine, `TD_PROFILE=work\n`);
  assert.equal((await shown(machine))["callback_url"], url(2));
  dotenv(machine, `TD_PROFILE=work\nTD_CALLBACK_URL="${url(3)}"\n`);
  assert.equal((await shown(machine))["callback_url"], url(3));
  const env = { TD_PROFILE: "default", TD_CALLBACK_URL: url(4) };
  const { profile, callback_url } = await shown(machine, [], env);
  assert.deepEqual([profile, callback_url], ["default", url(4)]);
  const flag = await shown(machine, ["--profile", "work"], env);
  assert.deepEqual(
    [flag["profile"], flag["consumer_key"], flag["callback_url"]],
    ["work", "W", url(4)],
  );
});

Deno.test("tdauth finds its directory by --config-dir, TD_CONFIG_DIR, XDG_CONFIG_HOME and HOME, in this order", async () => {
  await using machine = await startMachine();
  const { home } = machine;
  const cache = async (args: string[], env: Record<string, string>) =>
    (await shown(machine, args, { TD_CONSUMER_KEY: "KEY", ...env }))["cache"];
  const xdg = { XDG_CONFIG_HOME: `${home}/xdg` };
  const own = { ...xdg, TD_CONFIG_DIR: `${home}/own` };
  assert.equal(await cache([], {}), `${home}/.config/tdauth/KEY`);
  assert.equal(await cache([], xdg), `${home}/xdg/tdauth/KEY`);
  assert.equal(await cache([], own), `${home}/own/KEY`);
  assert.equal(
    await cache(["--config-dir", `${home}/flag`], own),
    `${home}/flag/KEY`,
  );
  // A relative one is of the working directory, ~ is the home directory.
  assert.equal(
    await cache(["--config-dir", "./here"], {}),
    `${machine.cwd}/here/KEY`,
  );
  assert.equal(
    await cache([], { TD_CONFIG_DIR: "~/.tdm" }),
    `${home}/.tdm/KEY`,
  );
  assertError(
    await machine.run(["status"], { env: { TD_CONFIG_DIR: "./here" } }),
    2,
    /cannot use ".\/here" as configDir .*: a relative path depends/,
    /TD_CONFIG_DIR='?\/.*\/here'?$/,
  );
});

Deno.test("tdauth reads only TD_ variables from .env, and none that the environment sets", async () => {
  await using machine = await startMachine();
  dotenv(
    machine,
    `# a comment
HOME=${machine.home}/elsewhere
XDG_CONFIG_HOME=${machine.home}/elsewhere
export TD_CONSUMER_KEY='FROM-DOTENV'
TD_PROVIDER=schwab
TD_CALLBACK_URL=
`,
  );
  const first = await shown(machine);
  assert.deepEqual(
    [first["consumer_key"], first["callback_url"], first["cache"]],
    ["FROM-DOTENV", null, `${machine.configDir}/FROM-DOTENV`],
  );
  const real = await shown(machine, [], { TD_CONSUMER_KEY: "REAL" });
  assert.equal(real["consumer_key"], "REAL");
});

for (
  const [name, text] of [
    ["TD_SANDBOX", "TD_SANDBOX=http://127.0.0.1:1\n"],
    ["TD_PROVIDER", "TD_PROVIDER=https://evil.example\n"],
    ["TD_PROVIDER", "TD_PROVIDER=HTTPS://evil.example\n"],
  ] as const
) {
  Deno.test(`tdauth exits with 2 when .env chooses where secrets are sent: ${text.trim()}`, async () => {
    await using machine = await startMachine();
    await machine.signIn();
    dotenv(machine, text);
    const { TD_SANDBOX: _, TD_PROVIDER: __, ...env } = machine.appEnv;
    for (const command of ["token", "status", "refresh", "login", "logout"]) {
      assertError(
        await machine.run([command], { env }),
        2,
        new RegExp(`^tdauth: cannot take ${name} from .env: `),
        /environment/,
      );
    }
    assert.match(String(machine.readTokens()["provider"]), /^schwab@/);
  });
}

Deno.test("tdauth exits with 2 when .env chooses a directory whose config.json chooses where secrets are sent", async () => {
  await using machine = await startMachine();
  const planted = `${machine.cwd}/planted`;
  Deno.mkdirSync(planted);
  for (
    const endpoint of [
      { sandbox: machine.sandbox.url },
      { provider: "https://evil.example" },
    ]
  ) {
    const profile = { consumerKey: "K", provider: "schwab", ...endpoint };
    Deno.writeTextFileSync(
      `${planted}/config.json`,
      JSON.stringify({ profiles: { default: profile } }),
    );
    dotenv(machine, `TD_CONFIG_DIR=${planted}\n`);
    assertError(
      await machine.run(["token"]),
      2,
      /a file in the working directory may not choose the configuration directory$/,
    );
    // What the user says is another matter.
    const chosen = await shown(machine, [], { TD_CONFIG_DIR: planted });
    assert.equal(chosen["consumer_key"], "K");
  }
});

Deno.test("tdauth accepts True and False in any case for TD_STORE_TOKENS, and exits with 2 for anything else", async () => {
  await using machine = await startMachine();
  const env = { TD_CONSUMER_KEY: "KEY", TD_CALLBACK_URL: CALLBACK };
  for (const yes of ["True", "true", "TRUE", " true "]) {
    const status = await shown(machine, [], { ...env, TD_STORE_TOKENS: yes });
    assert.equal(status["cache"], `${machine.configDir}/KEY`);
  }
  for (const no of ["False", "false", "FALSE"]) {
    const status = await shown(machine, [], { ...env, TD_STORE_TOKENS: no });
    assert.equal(status["cache"], null);
  }
  for (const bad of ["0", "yes", "Truee", "no"]) {
    assertError(
      await machine.run(["status"], { env: { ...env, TD_STORE_TOKENS: bad } }),
      2,
      new RegExp(`cannot use "${bad}" as .*TD_STORE_TOKENS.*True or False$`),
    );
  }
});

Deno.test("tdauth does not send the secret of one app with the key of another", async () => {
  await using machine = await startMachine();
  const { TD_CONSUMER_SECRET: _, ...env } = machine.appEnv;
  const consumerSecret = machine.sandbox.app.consumerSecret ?? "";
  machine.writeConfig({ default: { consumerKey: "OTHER", consumerSecret } });
  await machine.signIn();
  machine.age("access_token", 1801);
  const asked = machine.sandbox.requests.length;
  assertError(
    await machine.run(["token"], { env }),
    2,
    /no consumer secret is set$/,
    /TD_CONSUMER_SECRET/,
  );
  assert.equal(machine.sandbox.requests.length, asked);
});
