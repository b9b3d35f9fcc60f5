import assert from "node:assert/strict";
import { assertErrorLines, jsonOf } from "./asserts.ts";
import { treeOf } from "./doctor.ts";
import { startMachine } from "./machine.ts";

Deno.test("tdauth status shows the app and both tokens with a bar, and when the next login is due", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  machine.age("access_token", 900);
  machine.age("refresh_token", 3 * 86_400);
  const { code, stdout, stderr } = await machine.run(["status"], {
    env: machine.appEnv,
  });
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.split("\n");
  const row = (label: string) =>
    lines.find((line) => line.startsWith(`  ${label} `))
      ?.slice(label.length + 2).trimStart();
  assert.match(stdout, /^\n {2}Charles Schwab {2}practice broker\n\n/);
  assert.equal(row("App"), "PROCESS-TEST-APP");
  assert.equal(row("Callback URL"), machine.sandbox.app.callbackUrl);
  assert.equal(row("Stored in"), "~/.config/tdauth/PROCESS-TEST-APP");
  assert.match(
    row("Access token") ?? "",
    /^█{12}░{12} {2}valid for 15 minutes$/,
  );
  assert.match(row("Refresh token") ?? "", /^█{14}░{10} {2}valid for 4 days$/);
  assert.match(row("Next login") ?? "", /^\w+day, .* \(in 4 days\)$/);
  assert.ok(!stdout.includes("␛"));
});

Deno.test("tdauth status masks a long consumer key, and names a profile that is not the default", async () => {
  await using machine = await startMachine({
    consumerKey: "abcdEFGHIJKLMNOPQRSTUVWXwxyz",
  });
  await machine.signIn("work.abcdEFGHIJKLMNOPQRSTUVWXwxyz");
  const env = { ...machine.appEnv, TD_PROFILE: "work" };
  const { stdout } = await machine.run(["status"], { env });
  assert.match(stdout, /Charles Schwab .*profile work\n/);
  assert.match(stdout, /App +abcd…wxyz\n/);
  const json = jsonOf(await machine.run(["status", "--json"], { env }));
  assert.deepEqual(
    [json["profile"], json["consumer_key"]],
    ["work", "abcd…wxyz"],
  );
});

Deno.test("tdauth status with --json prints everything as one JSON value", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const stored = await machine.signIn();
  const result = await machine.run(["status", "--json"], {
    env: machine.appEnv,
  });
  assert.deepEqual([result.code, result.stderr], [0, ""]);
  const { access_token, refresh_token, ...rest } = jsonOf(result) as {
    [key: string]: unknown;
    access_token: Record<string, unknown>;
    refresh_token: Record<string, unknown>;
  };
  const due = stored.refresh_token.access_time + 7_776_000;
  assert.deepEqual(rest, {
    profile: "default",
    provider: "tdameritrade",
    sandbox: machine.sandbox.url,
    consumer_key: "PROCESSTEST",
    callback_url: machine.sandbox.app.callbackUrl,
    login_time: stored["login_time"],
    login_needed: false,
    login_needed_at: due,
    cache: machine.tokenPath,
    sealed: null,
  });
  assert.deepEqual([access_token["valid"], refresh_token["valid"]], [
    true,
    true,
  ]);
  assert.equal(
    access_token["expires_at"],
    stored.access_token.access_time + 1800,
  );
  assert.equal(refresh_token["expires_at"], due);
  assert.ok(Number(access_token["expires_in"]) > 1700);
});

Deno.test("tdauth status shows who has logged in, on one line whatever the provider says", async () => {
  await using machine = await startMachine();
  const stored = await machine.signIn();
  const claims = {
    iss: "https://id.example",
    sub: "user-1",
    email: "a@id.example\n  Next login     never",
    n: 1,
  };
  const identity = { login_time: stored["login_time"], claims };
  await Deno.writeTextFile(
    machine.tokenPath,
    JSON.stringify({ ...stored, identity }),
  );
  const { stdout } = await machine.run(["status"], { env: machine.appEnv });
  assert.match(
    stdout,
    /^ {2}User {11}a@id\.example Next login never \(user-1\)$/m,
  );
  const json = await machine.run(["status", "--json"], { env: machine.appEnv });
  assert.deepEqual(jsonOf(json)["claims"], claims);
});

Deno.test("tdauth status exits with 3 where a login is needed, and still shows what it knows", async () => {
  await using machine = await startMachine();
  const none = await machine.run(["status"], { env: machine.appEnv });
  assert.match(none.stdout, /Access token +none\n +Refresh token +none\n/);
  assert.match(none.stdout, /Next login +now\n\n$/);
  const needed = /cannot continue without a login: /;
  assertErrorLines(none, 3, needed, /^hint: log in: tdauth login$/);
  assert.match(none.stderr, /there are no stored tokens\n/);

  await machine.signIn();
  machine.age("access_token", 604_801);
  machine.age("refresh_token", 604_801);
  const old = await machine.run(["status"], { env: machine.appEnv });
  assert.match(old.stdout, /Refresh token +░{24} {2}expired \w+day, /);
  assertErrorLines(old, 3, needed, /tdauth login$/);
  assert.match(old.stderr, /the refresh token has expired\n/);
});

Deno.test("tdauth status knows of a refresh token that the broker rejected", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  machine.sandbox.revokeAll();
  const run = (...args: string[]) => machine.run(args, { env: machine.appEnv });
  assert.equal((await run("refresh")).code, 3);
  // The access token that is there may be good for a while.
  const shown = await run("status");
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, /Refresh token +░{24} {2}rejected \w+day, /);
  assert.match(shown.stdout, /Next login +.*\(in (29|30) minutes\)\n +by then/);
  assert.equal((await run("status", "--fail-within", "24h")).code, 3);
  const { refresh_token } = jsonOf(await run("status", "--json"));
  assert.equal((refresh_token as Record<string, unknown>)["valid"], false);
  machine.age("access_token", 1801);
  const needed = await run("status");
  assertErrorLines(
    needed,
    3,
    /cannot continue without a login: the broker rejected the refresh token: .*replaced by a newer login/,
    /tdauth login$/,
  );
});

Deno.test("tdauth status with --json prints one JSON value where a login is needed, too", async () => {
  await using machine = await startMachine();
  const none = await machine.run(["status", "--json"], { env: machine.appEnv });
  const json = jsonOf(none);
  assert.deepEqual(
    [
      none.code,
      json["login_needed"],
      json["login_needed_at"],
      json["access_token"],
      json["refresh_token"],
    ],
    [3, true, null, null, null],
  );
});

Deno.test("tdauth status with --fail-within exits with 3 when a login is needed within that time", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  machine.age("access_token", 6 * 86_400);
  machine.age("refresh_token", 6 * 86_400 + 60); // a minute less than a day is left
  const run = (...args: string[]) =>
    machine.run(["status", ...args], { env: machine.appEnv });
  const plain = await run();
  assert.equal(plain.code, 0);
  assert.match(
    plain.stdout,
    /Next login +\w+day, .*, \d\d:\d\d \(in 23 hours 59 minutes\)\n +by then, run tdauth login\n/,
  );
  assert.equal((await run("--fail-within", "23h")).code, 0);
  assert.equal((await run("--fail-within", "23h30m")).code, 0);
  assertErrorLines(
    await run("--fail-within", "24h"),
    3,
    /cannot continue for 1 day without a login: the next one is due in 23 hours 59 minutes$/,
    /tdauth login$/,
  );
  const json = await run("--fail-within", "1d", "--json");
  assert.deepEqual([json.code, jsonOf(json)["login_needed"]], [3, false]);
});

Deno.test("tdauth status sends no request", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const asked = machine.sandbox.requests.length;
  machine.age("access_token", 1801);
  const { code, stdout } = await machine.run(["status"], {
    env: machine.appEnv,
  });
  assert.equal(code, 0);
  assert.match(stdout, /Access token +░{24} {2}expired /);
  assert.equal(machine.sandbox.requests.length, asked);
});

Deno.test("tdauth status exits with 1 when the token file cannot be read", async () => {
  await using machine = await startMachine();
  Deno.mkdirSync(machine.tokenPath, { recursive: true });
  const result = await machine.run(["status"], { env: machine.appEnv });
  assertErrorLines(
    result,
    1,
    /cannot read ".*PROCESS-TEST-APP": /,
    /chmod 600/,
  );
});

Deno.test("tdauth status changes nothing on disk: without tokens, with some, and with a damaged file in an open directory", async () => {
  await using machine = await startMachine();
  const looked = async () => {
    const before = treeOf(machine.home);
    const result = await machine.run(["status", "--fail-within", "1h"], {
      env: machine.appEnv,
    });
    assert.deepEqual(treeOf(machine.home), before);
    return result.code;
  };
  assert.equal(await looked(), 3);
  assert.deepEqual([...Deno.readDirSync(machine.home)], []);
  await machine.signIn();
  if (Deno.build.os !== "windows") {
    Deno.chmodSync(machine.configDir, 0o755);
    Deno.chmodSync(machine.tokenPath, 0o644);
  }
  assert.equal(await looked(), 0);
  Deno.writeTextFileSync(machine.tokenPath, '{"access_token":{');
  assert.equal(await looked(), 1);
});

for (const command of ["status", "token", "header"]) {
  Deno.test(`tdauth ${command} exits with 3, and makes nothing, where there are no tokens`, async () => {
    await using machine = await startMachine();
    const { code, stderr } = await machine.run([command], {
      env: { ...machine.appEnv, TD_CONFIG_DIR: `${machine.home}/none/at/all` },
    });
    assert.equal(code, 3, stderr);
    assert.deepEqual([...Deno.readDirSync(machine.home)], []);
  });
}
