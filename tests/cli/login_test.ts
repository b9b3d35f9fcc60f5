import assert from "node:assert/strict";
import { assertErrorLines, assertQuiet, jsonOf, modeOf } from "./asserts.ts";
import { APPROVE, DENY, startMachine } from "./machine.ts";

const BROKERS = [
  { broker: "schwab", scheme: "https", lifetime: 604_800 },
  { broker: "tdameritrade", scheme: "https", lifetime: 7_776_000 },
  { broker: "tdameritrade", scheme: "http", lifetime: 7_776_000 },
] as const;

for (const { broker, scheme, lifetime } of BROKERS) {
  for (const host of ["127.0.0.1", "localhost"]) {
    Deno.test(`tdauth login stores the tokens of ${broker} with a callback to ${scheme}://${host}`, async () => {
      await using machine = await startMachine({ broker, scheme, host });
      const result = await machine.run(["login", "--browser", APPROVE], {
        env: machine.appEnv,
      });
      assertQuiet(result);
      assert.match(result.stderr, /^Logging in to (Charles|TD) /);
      assert.match(
        result.stderr,
        /^Logged in\. Next login due by \w+, .+\(in \d+ days\)\.\n$/m,
      );

      assert.equal(modeOf(machine.tokenPath), 0o600);
      assert.equal(modeOf(`${machine.configDir}/config.json`), 0o600);
      assert.equal(modeOf(machine.configDir), 0o700);
      const stored = machine.readTokens();
      const now = Date.now() / 1000;
      for (const entry of [stored.access_token, stored.refresh_token]) {
        assert.deepEqual(Object.keys(entry), [
          "token",
          "access_time",
          "expires_in",
        ]);
        assert.ok(Math.abs(now - entry.access_time) < 30);
      }
      assert.equal(stored.access_token.expires_in, 1800);
      assert.equal(stored.refresh_token.expires_in, lifetime);
      assert.equal(
        stored["provider"],
        `${broker}@${new URL(machine.sandbox.url).host}`,
      );

      // From here on nothing but the files says what to do.
      const { token } = stored.access_token;
      const printed = await machine.run(["token"], { printsToken: true });
      assert.deepEqual(
        [printed.code, printed.stdout, printed.stderr],
        [0, `${token}\n`, ""],
      );
      assert.equal((await machine.run(["status"])).code, 0);
      assert.equal((await machine.run(["refresh"])).code, 0);
      assert.notEqual(machine.readTokens().access_token.token, token);
      assert.equal(machine.readTokens()["login_time"], stored["login_time"]);
    });
  }
}

Deno.test("tdauth login generates a certificate only for an https callback, which only its owner can read", async () => {
  await using secure = await startMachine();
  await using plain = await startMachine({ broker: "tdameritrade" });
  for (const machine of [secure, plain]) {
    assertQuiet(
      await machine.run(["login", "--browser", APPROVE], {
        env: machine.appEnv,
      }),
    );
  }
  assert.equal(modeOf(`${secure.configDir}/certificate.json`), 0o600);
  assert.throws(
    () => Deno.statSync(`${plain.configDir}/certificate.json`),
    Deno.errors.NotFound,
  );
});

Deno.test("tdauth login with --json prints one JSON value and keeps the rest on stderr", async () => {
  await using machine = await startMachine();
  const result = await machine.run(["login", "--json", "--browser", APPROVE], {
    env: machine.appEnv,
  });
  assert.equal(result.code, 0, result.stderr);
  const stored = machine.readTokens();
  assert.deepEqual(jsonOf(result), {
    profile: "default",
    provider: "schwab",
    logged_in: true,
    login_time: stored["login_time"],
    login_needed_at: stored.refresh_token.access_time + 604_800,
  });
});

Deno.test("tdauth login with --no-browser opens nothing and accepts the redirect of a browser elsewhere", async () => {
  await using machine = await startMachine();
  const login = machine.start(["login", "--no-browser"], {
    env: { ...machine.appEnv, BROWSER: APPROVE },
  });
  const [, url = ""] = await login.sees(/\n {2}(http:\/\/\S+)\n/);
  await login.sees(/Waiting (5:00|4:\d\d) for the redirect/);
  assert.deepEqual(machine.processes(), [login.pid]);
  assert.deepEqual(machine.sandbox.requests, []);
  await machine.sandbox.approve(url);
  assertQuiet(await login.result);
  assert.match(String(machine.readTokens()["provider"]), /^schwab@/);
});

Deno.test("tdauth login opens the page with BROWSER without --browser", async () => {
  await using machine = await startMachine();
  assertQuiet(
    await machine.run(["login"], {
      env: { ...machine.appEnv, BROWSER: APPROVE },
    }),
  );
});

Deno.test("tdauth login goes on without a browser when the command to open one does not exist", async () => {
  await using machine = await startMachine();
  const login = machine.start(["login", "--browser", "no-such-browser"], {
    env: machine.appEnv,
  });
  await login.sees(
    /^note: Cannot open a browser: there is no command no-such-browser$/m,
  );
  const [, url = ""] = await login.sees(/\n {2}(http:\/\/\S+)\n/);
  await machine.sandbox.approve(url);
  assertQuiet(await login.result);
});

Deno.test("tdauth login says when the browser's command fails after a while, and goes on", async () => {
  await using machine = await startMachine();
  for (let seconds = 1;; seconds *= 3) {
    const login = machine.start(
      ["login", "--browser", `sh -c "sleep ${seconds}; exit 7"`],
      { env: machine.appEnv },
    );
    const [, early] = await login.sees(
      /^note: (Cannot open a browser|The browser was not opened): sh failed with exit code 7/m,
    );
    const [, url = ""] = await login.sees(/\n {2}(http:\/\/\S+)\n/);
    await machine.sandbox.approve(url);
    assertQuiet(await login.result);
    if (early === "The browser was not opened") return;
    // So busy a machine that it still looked like a failure at once.
    assert.ok(seconds < 60, "it never failed after a while");
  }
});

Deno.test("tdauth login with --if-older does nothing when the last login is younger", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const before = Deno.readTextFileSync(machine.tokenPath);
  const asked = machine.sandbox.requests.length;
  const options = { env: machine.appEnv };
  const young = await machine.run(["login", "--if-older", "5d"], options);
  assertQuiet(young);
  assert.match(
    young.stderr,
    /^Already logged in: the last login is recent enough\. .*\n$/,
  );
  assert.equal(Deno.readTextFileSync(machine.tokenPath), before);
  assert.equal(machine.sandbox.requests.length, asked);
  const json = await machine.run(
    ["login", "--if-older", "5d", "--json"],
    options,
  );
  assert.equal(jsonOf(json)["logged_in"], false);

  const args = ["login", "--if-older", "0s", "--browser", APPROVE];
  assertQuiet(await machine.run(args, options));
  assert.notEqual(Deno.readTextFileSync(machine.tokenPath), before);
});

Deno.test("tdauth login with --if-older logs in when the last login lies far in the future: the clock was turned back (line 57)", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const file = { ...machine.readTokens(), login_time: 4_294_967_296 };
  Deno.writeTextFileSync(machine.tokenPath, JSON.stringify(file));
  const args = ["login", "--if-older", "5d", "--browser", APPROVE];
  const result = await machine.run(args, { env: machine.appEnv });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /Logged in/);
});

Deno.test("tdauth login with --if-older logs in when the refresh token is dead, however young the login", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  machine.age("refresh_token", 604_801);
  const args = ["login", "--if-older", "5d", "--browser", APPROVE];
  const result = await machine.run(args, { env: machine.appEnv });
  assertQuiet(result);
  assert.match(result.stderr, /^Logged in\./m);
});

Deno.test("tdauth login exits with 4 when the user does not log in within --timeout, and stores nothing", async () => {
  await using machine = await startMachine();
  const login = (seconds: number) =>
    machine.run(["login", "--no-browser", "--timeout", `${seconds}s`], {
      env: machine.appEnv,
    });
  let seconds = 1;
  let result = await login(seconds);
  // A busy machine needs longer to get as far as to wait for somebody.
  while (!/^Waiting/m.test(result.stderr) && seconds < 60) {
    result = await login(seconds *= 3);
  }
  assertErrorLines(
    result,
    4,
    new RegExp(
      `^tdauth: cannot log in to Charles Schwab: the login timed out after ${seconds} second`,
    ),
    /^hint: /,
    /^Logging in/,
  );
  assert.equal(result.stdout, "");
  assert.throws(() => machine.readTokens(), Deno.errors.NotFound);
});

Deno.test("tdauth login accepts a --timeout of weeks", async () => {
  await using machine = await startMachine();
  const args = ["login", "--timeout", "4w", "--browser", APPROVE];
  assertQuiet(await machine.run(args, { env: machine.appEnv }));
});

Deno.test("tdauth login exits with 4 when the user denies the access, and keeps the older tokens", async () => {
  for (const broker of ["schwab", "tdameritrade"] as const) {
    await using machine = await startMachine({ broker });
    await machine.signIn();
    const before = Deno.readTextFileSync(machine.tokenPath);
    const result = await machine.run(["login", "--browser", DENY], {
      env: machine.appEnv,
    });
    assertErrorLines(
      result,
      4,
      /access was denied \(access_denied\)$/,
      /tdauth login$/,
      /^(note: a new login .*\n)?Logging in/,
    );
    assert.equal(Deno.readTextFileSync(machine.tokenPath), before);
  }
});

Deno.test("tdauth login of another profile leaves the first one alone", async () => {
  await using machine = await startMachine();
  const first = await machine.signIn();
  const args = ["login", "--profile", "work", "--browser", APPROVE];
  assertQuiet(await machine.run(args, { env: machine.appEnv }));
  assert.deepEqual(machine.readTokens(), first);
  const { consumerKey } = machine.sandbox.app;
  const { access_token } = machine.readTokens(
    `${machine.configDir}/work.${consumerKey}`,
  );
  const printed = await machine.run(["token", "--profile", "work"], {
    printsToken: true,
  });
  assert.equal(printed.stdout, `${access_token.token}\n`);
  assert.deepEqual(Object.keys(machine.readConfig().profiles), ["work"]);
});

Deno.test("tdauth login with TD_STORE_TOKENS=False says that the tokens are lost when it exits, and writes nothing", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const result = await machine.run(["login", "--browser", APPROVE], {
    env: { ...machine.appEnv, TD_STORE_TOKENS: "False" },
  });
  assertQuiet(result);
  assert.match(result.stderr, /^note: TD_STORE_TOKENS is False, .*\n$/m);
  assert.throws(
    () => Deno.statSync(machine.configDir),
    Deno.errors.NotFound,
  );
});
