import assert from "node:assert/strict";
import { ACCESS, REFRESH, samples } from "../token_files/samples.ts";
import { assertError, assertErrorLines, jsonOf, modeOf } from "./asserts.ts";
import { type Machine, startMachine } from "./machine.ts";
import { opens } from "./processes.ts";

const DAY = 86_400;
const seconds = () => Math.floor(Date.now() / 1000);

/** A machine with another program's file on it, whose tokens no command may show. */
async function machineWith(
  name: string,
  login = seconds() - 2 * DAY,
  broker: "schwab" | "tdameritrade" = "schwab",
): Promise<{ machine: Machine; path: string; text: string; login: number }> {
  const machine = await startMachine({ broker });
  machine.secrets.add(ACCESS).add(REFRESH).add("CANARY-FILE-ID");
  const path = `${machine.home}/token.json`;
  const text = JSON.stringify(samples(login, seconds() - 600)[name]?.file);
  Deno.writeTextFileSync(path, text, { mode: 0o600 });
  return { machine, path, text, login };
}

const NEXT = /^ {2}Next login {2}due by .* \(in 4 days 23 hours|in 5 days\)$/m;

for (const name of ["schwab-py", "Schwabdev 2"]) {
  Deno.test(`tdauth import imports the tokens of ${name} with the time of their login, and leaves its file as it is`, async () => {
    const { machine, path, text, login } = await machineWith(name);
    await using _ = machine;
    const { TD_CONSUMER_SECRET: __, TD_PROVIDER: ___, ...env } = machine.appEnv;
    const { code, stdout, stderr } = await machine.run(["import", path], {
      env,
    });
    assert.deepEqual([code, stdout], [0, ""], stderr);
    const [first = ""] = stderr.split("\n");
    assert.equal(
      first,
      `Imported from ${name} into the profile default (Charles Schwab, practice broker).`,
    );
    assert.match(stderr, /^ {2}Login {7}\w+day, .* \(2 days ago\)$/m);
    assert.match(stderr, NEXT);
    assert.match(
      stderr,
      /^note: .* now have the same refresh token, and both can use it\. A new login in either invalidates the other's tokens\.$/m,
    );
    assert.match(stderr, /^note: without the consumer secret .*configure$/m);
    assert.equal(Deno.readTextFileSync(path), text);
    assert.equal(modeOf(machine.tokenPath), 0o600);
    const stored = machine.readTokens();
    assert.deepEqual([stored.refresh_token.token, stored.access_token.token], [
      REFRESH,
      ACCESS,
    ]);
    assert.deepEqual([stored["login_time"], stored.refresh_token.expires_in], [
      login,
      7 * DAY,
    ]);
    // The settings are kept, so that the next command needs none.
    const token = await machine.run(["token"], { printsToken: true });
    assert.deepEqual([token.code, token.stdout], [0, `${ACCESS}\n`]);
    const status = jsonOf(await machine.run(["status", "--json"]));
    assert.deepEqual([status["provider"], status["login_needed_at"]], [
      "schwab",
      login + 7 * DAY,
    ]);
  });
}

Deno.test("tdauth import makes tokens that the broker refreshes", async () => {
  await using machine = await startMachine();
  const tokens = await machine.signIn("elsewhere");
  const path = `${machine.home}/schwab.json`;
  const login = tokens.refresh_token.access_time;
  const sample = samples(login, login, tokens.refresh_token.token, "OLD");
  Deno.writeTextFileSync(path, JSON.stringify(sample["schwab-py"]?.file), {
    mode: 0o600,
  });
  const options = { env: machine.appEnv };
  const imported = await machine.run(["import", path, "--json"], options);
  assert.deepEqual([imported.stderr, jsonOf(imported)], ["", {
    imported: true,
    format: "schwab-py",
    profile: "default",
    provider: "schwab",
    login_time: login,
    login_needed_at: login + 7 * DAY,
  }]);
  assert.equal((await machine.run(["refresh"], options)).code, 0);
  // What the refresh gave is younger than what the file has: it stays.
  const refreshed = machine.storedTokens();
  const again = await machine.run(["import", path, "--force"], options);
  assert.match(again.stderr, /^Nothing to do: .* already has this login\.$/m);
  assert.deepEqual(machine.storedTokens(), refreshed);
});

Deno.test("tdauth import stores the younger access token of a login that is already stored", async () => {
  const { machine, path, login } = await machineWith("schwab-py");
  await using _ = machine;
  const options = { env: machine.appEnv };
  await machine.run(["import", path], options);
  const { file } = samples(login, seconds(), REFRESH, "YOUNGER")["schwab-py"] ??
    {};
  Deno.writeTextFileSync(path, JSON.stringify(file));
  machine.secrets.add("YOUNGER");
  const { code, stderr } = await machine.run(["import", path], options);
  assert.equal(code, 0);
  assert.match(stderr, /^Imported a younger access token into /m);
  assert.equal(machine.readTokens().access_token.token, "YOUNGER");
});

Deno.test("tdauth import keeps tokens that expire at the same time or later unless forced", async () => {
  const { machine, path } = await machineWith("schwab-py");
  await using _ = machine;
  const mine = await machine.signIn();
  const options = { env: machine.appEnv };
  assertError(
    await machine.run(["import", path], options),
    2,
    /has tokens that expire at the same time or later \(login on .*\)$/,
    /--force$/,
  );
  assert.deepEqual(machine.storedTokens(), {
    access_token: mine.access_token,
    refresh_token: mine.refresh_token,
  });
  const forced = await machine.run(["import", path, "--force"], options);
  assert.equal(forced.code, 0, forced.stderr);
  assert.equal(machine.readTokens().refresh_token.token, REFRESH);
});

Deno.test("tdauth import replaces tokens of an older login", async () => {
  const { machine, path } = await machineWith("schwab-py");
  await using _ = machine;
  await machine.signIn();
  machine.age("refresh_token", 3 * DAY);
  const { code } = await machine.run(["import", path], { env: machine.appEnv });
  assert.equal(code, 0);
  assert.equal(machine.readTokens().refresh_token.token, REFRESH);
});

Deno.test("tdauth import waits for a refresh that is under way, and is not undone by it", async () => {
  await using machine = await startMachine();
  machine.secrets.add(ACCESS).add(REFRESH);
  await machine.signIn();
  machine.age("refresh_token", 5 * DAY);
  const path = `${machine.home}/token.json`;
  const { file } = samples(seconds() - DAY, seconds())["schwab-py"] ?? {};
  Deno.writeTextFileSync(path, JSON.stringify(file), { mode: 0o600 });
  const name = machine.tokenPath.split("/").at(-1);
  const lock = Deno.openSync(
    `${machine.configDir}/.${name}.refresh.lock`,
    { create: true, read: true, write: true },
  );
  lock.lockSync(true);
  const running = machine.start(["import", path], { env: machine.appEnv });
  await opens(running, ".refresh.lock");
  assert.equal(running.ended, false);
  assert.notEqual(machine.readTokens().refresh_token.token, REFRESH);
  lock.close();
  assert.equal((await running.result).code, 0);
  assert.equal(machine.readTokens().refresh_token.token, REFRESH);
});

Deno.test("tdauth import reads stdin, and warns of a file that others can read", async () => {
  const { machine, path, text } = await machineWith("schwab-py");
  await using _ = machine;
  const env = machine.appEnv;
  const piped = await machine.run(["import", "-"], { env, stdin: text });
  assert.equal(piped.code, 0, piped.stderr);
  assert.doesNotMatch(piped.stderr, /warning/);
  Deno.chmodSync(path, 0o644);
  const { stderr } = await machine.run(["import", path], { env });
  assert.match(
    stderr,
    /^warning: other users of this machine can read the tokens: chmod 600 '.*token\.json'$/m,
  );
  assert.equal(modeOf(path), 0o644);
});

Deno.test("tdauth import assigns pyTD's file to the app it is named after", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  machine.secrets.add(ACCESS).add(REFRESH);
  Deno.mkdirSync(`${machine.home}/.tdm`);
  const path = `${machine.home}/.tdm/PROCESSTEST`;
  const { file } = samples(seconds() - DAY, seconds() - 60)["pyTD"] ?? {};
  Deno.writeTextFileSync(path, JSON.stringify(file), { mode: 0o600 });
  const env = { TD_SANDBOX: machine.sandbox.url };
  const { code, stderr } = await machine.run(["import", path], { env });
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^note: the file's name is used as the consumer key: PROCESSTEST$/m,
  );
  assert.match(
    stderr,
    /^Imported from pyTD into the profile default \(TD Ameritrade, practice broker\)\.$/m,
  );
  assert.equal(machine.readTokens().refresh_token.token, REFRESH);
  const other = `${machine.home}/tokens.json`;
  Deno.renameSync(path, other);
  const away = { env: { TD_CONFIG_DIR: `${machine.home}/new` } };
  assertError(
    await machine.run(["import", other], away),
    2,
    /the file does not identify the app, and no consumer key is set$/,
    /--consumer-key KEY, and use --profile NAME if/,
  );
});

Deno.test("tdauth import refuses tokens of another broker, server or app than the profile's", async () => {
  const { machine, path } = await machineWith(
    "schwab-py",
    undefined,
    "tdameritrade",
  );
  await using _ = machine;
  const env = machine.appEnv;
  assertError(
    await machine.run(["import", path], { env }),
    2,
    /: they belong to Charles Schwab, and the profile "default" is for TD Ameritrade$/,
    /--profile schwab --provider schwab --consumer-key KEY$/,
  );
  const own = samples(seconds(), seconds())["tdauth"]?.file;
  const cases = [
    [
      { provider: "tdameritrade@127.0.0.1:9" },
      /: a different server than the profile's issued them/,
    ],
    [
      { provider: "https://evil.example" },
      /: a different server than the profile's issued them/,
    ],
    [{
      provider: `tdameritrade@${new URL(machine.sandbox.url).host}`,
    }, /: they were issued to a different app than the profile's "default"$/],
  ] as const;
  for (const [change, why] of cases) {
    Deno.writeTextFileSync(path, JSON.stringify({ ...own, ...change }));
    assertError(await machine.run(["import", path], { env }), 2, why);
  }
  assert.throws(() => Deno.statSync(`${machine.configDir}/config.json`));
});

Deno.test("tdauth import refuses tokens of another app than the profile is configured for, whatever --consumer-key says", async () => {
  const { machine, path } = await machineWith("tda-api");
  await using _ = machine;
  const profiles = {
    default: { provider: "schwab", consumerKey: "PROCESS-TEST-APP" },
  };
  machine.writeConfig(profiles);
  const args = ["import", path, "--consumer-key", "TDAKEY"];
  assertError(
    await machine.run(args),
    2,
    /: the profile "default" is for another app$/,
    /--profile NAME$/,
  );
  assert.deepEqual(
    [...Deno.readDirSync(machine.configDir)].map(({ name }) => name),
    ["config.json"],
  );
  assertError(
    await machine.run(["import", path]),
    2,
    /: they belong to TD Ameritrade, and the profile "default" is for Charles Schwab$/,
    /--profile tdameritrade --provider tdameritrade --consumer-key KEY$/,
  );
  assert.deepEqual(machine.readConfig(), { profiles });
  const apart = await machine.run([...args, "--profile", "tda"]);
  assert.equal(apart.code, 0, apart.stderr);
  const unknown = ["import", path, "--profile", "new"];
  assertError(
    await machine.run(unknown),
    2,
    /no consumer key is set$/,
    /--consumer-key KEY, and use --profile NAME/,
  );
});

Deno.test("tdauth import says which program a file is from when --format names another", async () => {
  const { machine, path } = await machineWith("schwab-py");
  await using _ = machine;
  for (const format of ["pytd", "schwabdev-2"]) {
    assertError(
      await machine.run(["import", path, "--format", format], {
        env: machine.appEnv,
      }),
      1,
      /: it is of schwab-py, not of (pyTD|Schwabdev 2)$/,
      /--format schwab-py$/,
    );
  }
});

Deno.test("tdauth import rejects tokens that have expired, or are from the future", async () => {
  const { machine, path } = await machineWith("schwab-py", seconds() - 8 * DAY);
  await using _ = machine;
  const env = machine.appEnv;
  assertError(
    await machine.run(["import", path], { env }),
    3,
    /: the refresh token expired on \w+day, /,
    /^hint: log in: tdauth login$/,
  );
  const { file } = samples(seconds() + DAY, seconds())["schwab-py"] ?? {};
  Deno.writeTextFileSync(path, JSON.stringify(file));
  assertError(
    await machine.run(["import", path], { env }),
    1,
    /: their login time is in the future$/,
  );
});

Deno.test("tdauth import says what is wrong with a file that it cannot read", async () => {
  await using machine = await startMachine();
  const options = { env: machine.appEnv };
  const at = (name: string) => `${machine.home}/${name}`;
  Deno.mkdirSync(at("directory"));
  Deno.symlinkSync("nowhere", at("link"));
  Deno.writeFileSync(at("large"), new Uint8Array(1024 * 1024 + 1));
  Deno.writeTextFileSync(at("odd"), `{"secret": "CANARY"}`);
  machine.secrets.add("CANARY");
  for (
    const [path, why] of [
      [at("absent"), /: there is no such file$/],
      [at("directory"), /: it is a directory$/],
      [at("link"), /: the link is dangling$/],
      [at("large"), /: it is larger than 1 MiB$/],
      ["/dev/zero", /: it is a pipe or a device$/],
      [at("odd"), /: it has no known format; looked for schwab-py/],
    ] as const
  ) {
    assertError(await machine.run(["import", path], options), 1, why);
  }
  assertErrorLines(
    await machine.run(["import", at("odd"), "--format", "csv"], options),
    2,
    /: unknown format$/,
    /schwab-py, schwabdev-3/,
  );
});

Deno.test("tdauth import reads a bare refresh token from stdin, says that its login is unknown, and takes it later", async () => {
  await using machine = await startMachine();
  const tokens = await machine.signIn("elsewhere");
  const { token } = tokens.refresh_token;
  const options = { env: machine.appEnv, stdin: `${token}\n` };
  const first = await machine.run(["import", "-"], options);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^Imported from a bare refresh token into /m);
  assert.match(first.stderr, /^ {2}Login {7}not in the file$/m);
  assert.match(first.stderr, /^ {2}Next login {2}due by .* \(in 7 days\)$/m);
  assert.match(first.stderr, /^note: that is the latest: .* --login-time$/m);
  assert.match(
    first.stderr,
    /^note: any other program that has this refresh token can use it, too\. A new login elsewhere invalidates it\.$/m,
  );
  const stored = machine.readTokens();
  assert.equal(stored.access_token, null);
  assert.ok(seconds() - stored.refresh_token.access_time < 600);
  const got = await machine.run(["token"], {
    env: machine.appEnv,
    printsToken: true,
  });
  assert.equal(got.code, 0, got.stderr);
  const login = seconds() - 2 * DAY;
  const dated = await machine.run(
    ["import", "-", "--login-time", String(login)],
    options,
  );
  assert.match(dated.stderr, /^Imported the time of the login into /m);
  assert.match(dated.stderr, NEXT);
  const after = machine.readTokens();
  assert.equal(after["login_time"], login);
  assert.deepEqual(after.refresh_token, {
    token,
    access_time: login,
    expires_in: 7 * DAY,
  });
  assert.equal(`${after.access_token.token}\n`, got.stdout);
  const again = await machine.run(["import", "-"], options);
  assert.match(again.stderr, /^Nothing to do: /m);
});

Deno.test("tdauth import counts a raw token answer from --login-time, and says how it read that", async () => {
  await using machine = await startMachine();
  const { access_token, refresh_token } = await machine.signIn("elsewhere");
  const stdin = JSON.stringify({
    access_token: access_token.token,
    refresh_token: refresh_token.token,
    expires_in: 1800,
    scope: "api",
    token_type: "Bearer",
  });
  const options = { env: machine.appEnv, stdin };
  const now = await machine.run(
    ["import", "-", "--login-time", "now"],
    options,
  );
  assert.equal(now.code, 0, now.stderr);
  assert.doesNotMatch(now.stderr, /that is the latest|has no time zone/);
  assert.equal(machine.readTokens().access_token.token, access_token.token);
  const local = new Date((seconds() - DAY) * 1000).toISOString().slice(0, 16);
  const { stderr } = await machine.run(
    ["import", "-", "--force", "--login-time", local, "--profile", "b"],
    options,
  );
  assert.match(
    stderr,
    /^note: --login-time has no time zone, and is read in this machine's: \w+day, /m,
  );
  assertError(
    await machine.run(["import", "-", "--login-time", "yesterday"], options),
    2,
    /"yesterday" for --login-time: it is not a date and time$/,
    /2026-11-30T14:05/,
  );
  assertError(
    await machine.run(
      ["import", "-", "--login-time", String(seconds() + DAY)],
      { env: { ...machine.appEnv, TD_PROFILE: "c" }, stdin },
    ),
    1,
    /: their login time is in the future$/,
  );
});

Deno.test("tdauth import replaces stored tokens by those of an unknown age only with --force or --login-time", async () => {
  const { machine, path } = await machineWith("schwab-py");
  await using _ = machine;
  await machine.signIn();
  machine.age("refresh_token", 3 * DAY);
  Deno.writeTextFileSync(path, `MY_REFRESH_TOKEN="${REFRESH}"\r\n`);
  const options = { env: machine.appEnv };
  assertError(
    await machine.run(["import", path], options),
    2,
    /has tokens, and the file does not say when its own were issued \(login/,
    /--login-time, or replace them anyway with --force$/,
  );
  assert.notEqual(machine.readTokens().refresh_token.token, REFRESH);
  const dated = await machine.run(
    ["import", path, "--login-time", "now"],
    options,
  );
  assert.equal(dated.code, 0, dated.stderr);
  assert.match(dated.stderr, /^Imported from a \.env file into /m);
  assert.equal(machine.readTokens().refresh_token.token, REFRESH);
});

Deno.test("tdauth import reads a file that Windows PowerShell 5 wrote", async () => {
  const { machine, path, text } = await machineWith("schwab-py");
  await using _ = machine;
  const units = Uint16Array.from(
    `\uFEFF${text}\r\n`,
    (one) => one.charCodeAt(0),
  );
  Deno.writeFileSync(path, new Uint8Array(units.buffer));
  const { code, stderr } = await machine.run(["import", path], {
    env: machine.appEnv,
  });
  assert.equal(code, 0, stderr);
  assert.equal(machine.readTokens().refresh_token.token, REFRESH);
});

Deno.test("tdauth import guesses no provider for tokens that do not say theirs", async () => {
  const { machine, path } = await machineWith("schwab-py");
  await using _ = machine;
  Deno.writeTextFileSync(path, REFRESH);
  const args = ["import", path, "--consumer-key", "KEY"];
  assertError(
    await machine.run(args),
    2,
    /: neither the file nor a setting says which provider issued them$/,
    /--provider with .*schwab, /,
  );
  const named = await machine.run([...args, "--provider", "schwab"]);
  assert.equal(named.code, 0, named.stderr);
});

/** Settings of a provider that need not issue refresh tokens. */
const GITHUB = {
  TD_SANDBOX: undefined,
  TD_PROVIDER: "github",
  TD_CONSUMER_KEY: "KEY",
  TD_CONSUMER_SECRET: undefined,
  TD_AUTHORIZATION_ENDPOINT: "https://github.example/authorize",
  TD_TOKEN_ENDPOINT: "https://github.example/token",
};

Deno.test("tdauth import takes an access token without a refresh token where a provider may issue none, and says that a login is needed when it ends", async () => {
  await using machine = await startMachine();
  const env = { ...machine.appEnv, ...GITHUB };
  const run = (stdin: string, ...args: string[]) =>
    machine.run(["import", "-", ...args], { env, stdin });
  const form = `access_token=${ACCESS}&scope=repo&token_type=bearer`;
  const first = await run(form);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^Imported from a token answer into /m);
  assert.match(
    first.stderr,
    /^note: nothing says when the access token ends: it is used until it is refused$/m,
  );
  assert.match(
    first.stderr,
    /^note: there is no refresh token: a login is needed when the access token ends$/m,
  );
  assert.match(
    first.stderr,
    /^ {2}Next login {2}when the access token is ref/m,
  );
  assert.doesNotMatch(first.stderr, /has this refresh token|can be refreshed/);
  const path = `${machine.configDir}/KEY`;
  assert.equal(machine.readTokens(path).refresh_token, null);
  const got = await machine.run(["token"], { env, printsToken: true });
  assert.deepEqual([got.code, got.stdout], [0, `${ACCESS}\n`], got.stderr);
  const refresh = await machine.run(["refresh"], { env });
  assertError(refresh, 3, /: there is no refresh token$/);
  const again = await run(form);
  assert.match(again.stderr, /^Nothing to do: /m);
  const doctor = await machine.run(["doctor", "--offline", "--json"], { env });
  assert.match(doctor.stdout, /"there is no refresh token|no refresh token/);

  // What ends is dated, and what has ended is refused.
  const now = seconds();
  const lasting = (token: string, end: number) =>
    JSON.stringify({ access_token: token, expires_at: end });
  assertError(
    await run(lasting(`${ACCESS}2`, now + 3600)),
    2,
    /has tokens that expire at the same time or later/,
  );
  const forced = await run(lasting(`${ACCESS}2`, now + 3600), "--force");
  assert.match(forced.stderr, /^ {2}Next login {2}due by .*\(in 1 hour\)$/m);
  const later = await run(lasting(`${ACCESS}3`, now + 7200), "--json");
  assert.deepEqual(
    [jsonOf(later)["imported"], jsonOf(later)["login_needed_at"]],
    [true, now + 7200],
  );
  assert.match(later.stderr, /^note: there is no refresh token: a login is/m);
  assertError(
    await run(lasting(`${ACCESS}4`, now - 10), "--force"),
    3,
    /: the access token expired on .*, and there is no refresh token$/,
  );
});

Deno.test("tdauth import never replaces a refresh token by an access token alone unless forced", async () => {
  await using machine = await startMachine();
  const env = { ...machine.appEnv, ...GITHUB };
  const run = (stdin: string, ...args: string[]) =>
    machine.run(["import", "-", ...args], { env, stdin });
  const both = {
    access_token: ACCESS,
    refresh_token: REFRESH,
    refresh_token_expires_at: seconds() + DAY,
  };
  const first = await run(JSON.stringify(both), "--login-time", "now");
  assert.equal(first.code, 0, first.stderr);
  const alone = JSON.stringify({
    access_token: `${ACCESS}2`,
    expires_at: seconds() + 31_536_000,
  });
  assertError(
    await run(alone),
    2,
    /has a refresh token, and the file has none /,
    /--force/,
  );
  const path = `${machine.configDir}/KEY`;
  assert.equal(machine.readTokens(path).refresh_token.token, REFRESH);
  assert.equal((await run(alone, "--force")).code, 0);
  assert.equal(machine.readTokens(path).refresh_token, null);
});

for (const provider of ["schwab", "tdameritrade", "questrade"]) {
  Deno.test(`tdauth import refuses an access token without a refresh token of ${provider}, which always issues one`, async () => {
    await using machine = await startMachine();
    const env = {
      ...machine.appEnv,
      TD_SANDBOX: undefined,
      TD_PROVIDER: provider,
    };
    for (
      const stdin of [
        JSON.stringify({ access_token: ACCESS, expires_in: 1800 }),
        `ACCESS_TOKEN=${ACCESS}`,
        JSON.stringify({
          refresh_token: null,
          access_token: {
            token: ACCESS,
            access_time: seconds(),
            expires_in: 1800,
          },
        }),
      ]
    ) {
      assertError(
        await machine.run(["import", "-", "--force"], { env, stdin }),
        1,
        /: there is no refresh token, and .* always issues one$/,
        /a file of the other program that has both, or log in: tdauth login$/,
      );
    }
    assert.throws(() => Deno.statSync(machine.tokenPath), Deno.errors.NotFound);
  });
}

Deno.test("tdauth import takes the API that a token answer names, if it may, and says which it refuses", async () => {
  await using machine = await startMachine();
  const env = {
    ...machine.appEnv,
    TD_SANDBOX: undefined,
    TD_PROVIDER: "questrade",
  };
  const run = (stdin: string, ...args: string[]) =>
    machine.run(["import", "-", "--login-time", "now", "--force", ...args], {
      env,
      stdin,
    });
  const answer = (more: Record<string, unknown>) =>
    JSON.stringify({
      access_token: ACCESS,
      refresh_token: REFRESH,
      expires_in: 1800,
      ...more,
    });
  const good = "https://api03.iq.questrade.com";
  const stored = () => machine.readTokens()["api_origin"];
  for (
    const text of [
      answer({ api_server: `${good}/` }),
      answer({ apiServer: `${good}/` }),
      answer({ api_origin: good }),
      `QT_REFRESH_TOKEN=${REFRESH}\nQT_API_SERVER=${good}/v1/\n`,
      JSON.stringify({ SecretString: answer({ api_server: `${good}/` }) }),
    ]
  ) {
    const { code, stderr } = await run(text);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /as its API/);
    assert.equal(stored(), good, text);
    Deno.removeSync(machine.tokenPath);
  }
  for (const named of ["https://evil.example/", "http://a.questrade.com", 7]) {
    for (const entry of ["api_server", "api_origin"]) {
      if (entry === "api_origin" && typeof named === "number") continue;
      const { code, stderr } = await run(answer({ [entry]: named }));
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        /^warning: Questrade named .* as its API, which is not https at questrade\.com; no token is sent there$/m,
      );
      assert.equal(stored(), undefined);
      Deno.removeSync(machine.tokenPath);
    }
  }
  // From another machine's tdauth, and out again.
  await run(answer({ api_server: `${good}/` }));
  for (const format of ["tdauth", "token-answer", "dotenv"]) {
    const { stdout } = await machine.run(["export", "--format", format], {
      env,
      printsBoth: true,
    });
    Deno.removeSync(machine.tokenPath);
    const { code, stderr } = await machine.run(["import", "-"], {
      env,
      stdin: stdout,
    });
    assert.equal(code, 0, stderr);
    assert.equal(stored(), good, format);
  }
  // Of a provider with a fixed API none is taken.
  const fixed = { ...env, TD_PROVIDER: "tastytrade", TD_PROFILE: "fixed" };
  const other = await machine.run(["import", "-", "--login-time", "now"], {
    env: fixed,
    stdin: answer({ api_server: "https://evil.example", api_origin: good }),
  });
  assert.equal(other.code, 0, other.stderr);
  assert.doesNotMatch(other.stderr, /as its API/);
});
