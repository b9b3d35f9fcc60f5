import assert from "node:assert/strict";
import {
  assertError,
  assertErrorLines,
  assertQuiet,
  jsonOf,
} from "./asserts.ts";
import { APPROVE, type Result, startMachine } from "./machine.ts";
import { opens } from "./processes.ts";
import { untilFree } from "../support.ts";

/** A callback URL that is not on this machine. */
const ELSEWHERE = "https://example.invalid/callback";

Deno.test("tdauth login accepts a pasted URL where the callback URL is not on this machine, after a wrong one", async () => {
  await using machine = await startMachine({ callbackUrl: ELSEWHERE });
  const login = machine.start(["login", "--no-browser"], {
    env: machine.appEnv,
  });
  const [, url = ""] = await login.sees(/\n {2}(http:\/\/\S+)\n/);
  await login.sees(
    /^note: the callback URL https:\/\/example\.invalid\/callback is not on this machine\.$/m,
  );
  await login.sees(/^Waiting (5:00|4:\d\d) for the pasted URL\.$/m);

  const wrong = `${ELSEWHERE}?code=CANARY-CODE&state=of-another-login`;
  machine.secrets.add("CANARY-CODE");
  await login.write(`${wrong}\n`);
  await login.sees(/^note: The pasted URL was rejected: .*state.*$/m);
  await login.write("hello there\n");
  await login.sees(/^(note: The pasted URL was rejected: .+\n){2}/m);

  const right = await machine.sandbox.approveAndCopy(url);
  machine.secrets.add(new URL(right).searchParams.get("code") ?? "");
  await login.write(`\n  "${right}"  \n`);
  assertQuiet(await login.result);
  assert.match(String(machine.readTokens()["provider"]), /^schwab@/);
});

Deno.test("tdauth login ends when the input ends before a URL is pasted", async () => {
  await using machine = await startMachine({ callbackUrl: ELSEWHERE });
  assertErrorLines(
    await machine.run(["login", "--no-browser"], { env: machine.appEnv }),
    4,
    /the input ended before a URL was pasted$/,
    /^hint: run tdauth login in a terminal$/,
    /^Logging in/,
  );
});

Deno.test("tdauth login does not read what is piped in while it waits for a redirect", async () => {
  await using machine = await startMachine();
  const result = await machine.run(["login", "--browser", APPROVE], {
    env: machine.appEnv,
    stdin: "for the script's next command\n",
    under: '"$@" && cat', // the next command
  });
  assert.deepEqual(
    [result.code, result.stdout],
    [0, "for the script's next command\n"],
    result.stderr,
  );
  assert.match(result.stderr, /^Logged in\./m);
  assert.doesNotMatch(result.stderr, /was rejected/);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`tdauth login exits with 4 on ${signal}, frees the port and leaves nothing behind`, async () => {
    await using machine = await startMachine();
    const login = machine.start(["login", "--no-browser"], {
      env: machine.appEnv,
    });
    await login.sees(/Waiting/);
    assert.throws(
      () => Deno.listen({ hostname: "127.0.0.1", port: machine.port }),
      Deno.errors.AddrInUse,
    );
    login.kill(signal); // it would wait five minutes
    assertErrorLines(
      await login.result,
      4,
      /the login was cancelled$/,
      undefined,
      /^Logging in/,
    );
    await untilFree(machine.port);
    assert.deepEqual(machine.processes(), []);
    // The lock is free as well: the next login gets through.
    const again = ["login", "--browser", APPROVE];
    assertQuiet(await machine.run(again, { env: machine.appEnv }));
  });
}

Deno.test("tdauth login waits for another login's turn, and Ctrl-C ends the wait", async () => {
  await using machine = await startMachine();
  const first = machine.start(["login", "--no-browser"], {
    env: machine.appEnv,
  });
  await first.sees(/Waiting/);
  const second = machine.start(["login", "--no-browser"], {
    env: machine.appEnv,
  });
  await opens(second, ".login.lock");
  await second.sees(/another process.* is logging in; waiting for it/);
  assert.equal(first.ended, false);
  second.kill("SIGINT");
  const { code, stderr } = await second.result;
  assert.equal(code, 4, stderr);
  assert.doesNotMatch(stderr, /^Waiting/m); // it never had its turn
  first.kill("SIGINT");
  assert.equal((await first.result).code, 4);
});

Deno.test("tdauth login exits with 1 and names the port when another program uses it", async () => {
  for (const host of ["127.0.0.1", "localhost"]) {
    await using machine = await startMachine({ host });
    using _other = Deno.listen({ hostname: "127.0.0.1", port: machine.port });
    assertError(
      await machine.run(["login", "--browser", APPROVE], {
        env: machine.appEnv,
      }),
      1,
      new RegExp(`127\\.0\\.0\\.1:${machine.port}: another program uses`),
      /^hint: .*lsof/,
    );
    assert.deepEqual(machine.sandbox.requests, []);
  }
});

Deno.test("tdauth login exits with 2 when the secret is wrong, and stores and remembers nothing", async () => {
  await using machine = await startMachine();
  machine.secrets.add("CANARY-WRONG-SECRET");
  const result = await machine.run(["login", "--browser", APPROVE], {
    env: { ...machine.appEnv, TD_CONSUMER_SECRET: "CANARY-WRONG-SECRET" },
  });
  assertErrorLines(
    result,
    2,
    /the consumer key or secret is wrong, or the app is not ready/,
    /^hint: .*Ready For Use/,
    /^Logging in/,
  );
  assert.throws(() => machine.readTokens(), Deno.errors.NotFound);
  assert.throws(() => machine.readConfig(), Deno.errors.NotFound);
});

Deno.test("tdauth login asks for a missing secret before it opens a browser", async () => {
  await using machine = await startMachine();
  assertError(
    await machine.run(["login", "--browser", APPROVE], {
      env: { ...machine.appEnv, TD_CONSUMER_SECRET: undefined },
    }),
    2,
    /no consumer secret is set$/,
    /TD_CONSUMER_SECRET/,
  );
  assert.deepEqual(machine.sandbox.requests, []);
});

Deno.test("tdauth login exits with 2 when there is no callback URL", async () => {
  await using machine = await startMachine();
  assertError(
    await machine.run(["login"], {
      env: { ...machine.appEnv, TD_CALLBACK_URL: undefined },
    }),
    2,
    /no callback URL is set$/,
    /^hint: run tdauth configure, or set TD_CALLBACK_URL/,
  );
});

Deno.test("tdauth login times out, and its browser says why, when the broker refuses the callback URL", async () => {
  await using machine = await startMachine();
  const env = {
    ...machine.appEnv,
    TD_CALLBACK_URL: `${machine.sandbox.app.callbackUrl}/`,
  };
  const refusal = () =>
    machine.sandbox.requests.find(({ endpoint }) => endpoint === "authorize");
  // A busy machine needs longer to start the browser.
  let result: Result | undefined;
  let seconds = 2;
  for (; refusal() === undefined; seconds *= 3) {
    assert.ok(seconds < 60, "no browser came");
    const args = ["--timeout", `${seconds}s`, "--browser", APPROVE];
    result = await machine.run(["login", ...args], { env });
  }
  assert.ok(result !== undefined);
  assertErrorLines(
    result,
    4,
    new RegExp(`the login timed out after ${seconds / 3} seconds$`),
    /compare the callback URL with the registered one/,
    /^Logging in/,
  );
  assert.equal(refusal()?.status, 403);
});

Deno.test("tdauth login exits with 5 when the broker is down at the exchange", async () => {
  await using machine = await startMachine();
  machine.sandbox.failNext({ status: 502, times: 5 });
  const result = await machine.run(["login", "--browser", APPROVE], {
    env: machine.appEnv,
  });
  assertErrorLines(result, 5, /it returned 502$/, undefined, /^Logging in/);
});

Deno.test("tdauth login with --json prints an error as one JSON value", async () => {
  await using machine = await startMachine();
  const result = await machine.run(
    ["login", "--json", "--no-browser", "--timeout", "0.2s"],
    { env: machine.appEnv },
  );
  assert.equal(result.code, 4);
  const { error } = jsonOf(result) as { error: Record<string, string> };
  assert.equal(error["code"], "login_timeout");
  assert.match(error["message"] ?? "", /^Cannot log in to Charles Schwab: /);
});

Deno.test("tdauth login sets a damaged token file aside, says where, and logs in", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const damaged = '{"access_token":{"token": damaged';
  Deno.writeTextFileSync(machine.tokenPath, damaged);
  const result = await machine.run(["login", "--browser", APPROVE], {
    env: machine.appEnv,
  });
  assertQuiet(result);
  const [, aside = ""] = /moved to "([^"]+)"/.exec(result.stderr) ?? [];
  assert.equal(Deno.readTextFileSync(aside), damaged);
});
