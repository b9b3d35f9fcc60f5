import assert from "node:assert/strict";
import { until } from "../premise.ts";
import { reservePort } from "../support.ts";
import { assertError, assertQuiet, jsonOf } from "./asserts.ts";
import { type Machine, startMachine } from "./machine.ts";

for (const broker of ["schwab", "tdameritrade"] as const) {
  Deno.test(`tdauth refresh gets a new access token of ${broker} even when the present one is valid`, async () => {
    await using machine = await startMachine({ broker });
    const old = await machine.signIn();
    const result = await machine.run(["refresh"], { env: machine.appEnv });
    assertQuiet(result);
    assert.equal(
      result.stderr,
      "Refreshed. The new access token is valid for 30 minutes.\n",
    );
    const stored = machine.readTokens();
    assert.notEqual(stored.access_token.token, old.access_token.token);
    assert.deepEqual(stored.refresh_token, old.refresh_token);
  });
}

Deno.test("tdauth refresh with --json prints one JSON value", async () => {
  await using machine = await startMachine();
  const old = await machine.signIn();
  const result = await machine.run(["refresh", "--json"], {
    env: machine.appEnv,
  });
  assert.deepEqual([result.code, result.stderr], [0, ""]);
  assert.deepEqual(jsonOf(result), {
    access_token_expires_at: machine.readTokens().access_token.access_time +
      1800,
    refresh_token_expires_at: old.refresh_token.access_time + 604_800,
  });
});

Deno.test("tdauth refresh stores a refresh token that the broker has rotated, and the next one works", async () => {
  for (const rotation of ["rotate", "kill"] as const) {
    await using machine = await startMachine({ rotation });
    const old = await machine.signIn();
    assertQuiet(await machine.run(["refresh"], { env: machine.appEnv }));
    const stored = machine.readTokens();
    assert.notEqual(stored.refresh_token.token, old.refresh_token.token);
    assert.equal(
      stored.refresh_token.access_time,
      old.refresh_token.access_time,
    );
    assertQuiet(await machine.run(["refresh"], { env: machine.appEnv }));
  }
});

Deno.test("tdauth refresh exits with 3 when there is nothing to refresh with", async () => {
  await using machine = await startMachine();
  assertError(
    await machine.run(["refresh"], { env: machine.appEnv }),
    3,
    /there are no stored tokens$/,
    /tdauth login$/,
  );
});

/** What may go wrong at the broker for a while, and what is said of it. */
const PASSING: readonly {
  readonly name: string;
  readonly plan: (machine: Machine) => void | Promise<void>;
  readonly why: RegExp;
}[] = [
  {
    name: "answers 502",
    plan: ({ sandbox }) => sandbox.failNext({ status: 502, times: 9 }),
    why: /it returned 502$/,
  },
  {
    name: "answers 503 with a page",
    plan: ({ sandbox }) => sandbox.failNext({ times: 9 }),
    why: /it returned 503$/,
  },
  {
    name: "asks for patience (429)",
    plan: ({ sandbox }) =>
      sandbox.failNext({
        status: 429,
        headers: { "retry-after": "1" },
        times: 9,
      }),
    why: /it returned 429$/,
  },
  {
    name: "is down",
    plan: ({ sandbox }) => sandbox.close(),
    why: /it refused the connection$/,
  },
];

for (const { name, plan, why } of PASSING) {
  Deno.test(`tdauth refresh exits with 5 and keeps the tokens when the broker ${name}`, async () => {
    await using machine = await startMachine();
    await machine.signIn();
    const before = machine.storedTokens();
    await plan(machine);
    assertError(
      await machine.run(["refresh"], { env: machine.appEnv }),
      5,
      why,
      /stored tokens are kept$/,
    );
    assert.deepEqual(machine.storedTokens(), before);

    // A token that is about to expire is still good.
    machine.age("access_token", 1770);
    const { access_token } = machine.readTokens();
    const usable = await machine.run(["token"], {
      env: machine.appEnv,
      printsToken: true,
    });
    assert.deepEqual(
      [usable.code, usable.stdout],
      [0, `${access_token.token}\n`],
    );
    machine.age("access_token", 60);
    const expired = machine.storedTokens();
    const none = await machine.run(["token"], { env: machine.appEnv });
    assertError(none, 5, why, /stored tokens are kept$/);
    assert.deepEqual(machine.storedTokens(), expired);
  });
}

Deno.test("tdauth refresh exits with 5 and never shows the page when the broker answers 403 with one", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const before = machine.storedTokens();
  machine.sandbox.failNext({
    status: 403,
    body: "<html><h1>Access Denied</h1>Reference #18.abc</html>",
  });
  const result = await machine.run(["refresh", "--verbose"], {
    env: machine.appEnv,
  });
  assert.equal(result.code, 5);
  assert.match(
    result.stderr,
    /it returned 403 with a web page, which may come from a proxy or firewall\nhint: /,
  );
  assert.doesNotMatch(result.stderr, /<|Reference/);
  assert.deepEqual(machine.storedTokens(), before);
});

Deno.test("tdauth refresh exits with 2 when the secret is wrong, and keeps the tokens", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const before = machine.storedTokens();
  machine.secrets.add("CANARY-WRONG-SECRET");
  assertError(
    await machine.run(["refresh"], {
      env: { ...machine.appEnv, TD_CONSUMER_SECRET: "CANARY-WRONG-SECRET" },
    }),
    2,
    /the consumer key or secret is wrong, or the app is not ready/,
    /^hint: /,
  );
  assert.deepEqual(machine.storedTokens(), before);
});

Deno.test("tdauth refresh exits with 3 when the broker refuses the refresh token without invalid_grant, and status says so", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const { refresh_token } = machine.readTokens();
  machine.sandbox.failNext({ status: 400, body: "" });
  const run = (...args: string[]) => machine.run(args, { env: machine.appEnv });
  assertError(
    await run("refresh"),
    3,
    /the broker rejected the refresh token: it returned 400 with nothing$/,
    /tdauth login/,
  );
  machine.age("access_token", 3600);
  assert.match((await run("status")).stderr, /it returned 400 with nothing/);
  const asked = machine.sandbox.requests.length;
  assert.equal((await run("token")).code, 3);
  assert.equal(machine.sandbox.requests.length, asked);
  assert.deepEqual(machine.readTokens().refresh_token, refresh_token);
});

Deno.test("tdauth refresh names the proxy, and what it wants, and --verbose has the runtime's own words", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const before = machine.storedTokens();
  using reserved = reservePort();
  const proxy = `127.0.0.1:${reserved.port}`;
  const run = () =>
    machine.run(["refresh", "--verbose"], {
      env: { ...machine.appEnv, HTTP_PROXY: `http://user:pass@${proxy}` },
    });
  const refused = await run();
  assert.equal(refused.code, 5);
  assert.match(
    refused.stderr,
    new RegExp(`the proxy ${proxy} refused the connection\nhint: `),
  );
  assert.match(
    refused.stderr,
    /cause: Error: client error \(Connect\): tcp connect error: /,
  );
  assert.doesNotMatch(refused.stderr, /user|pass@/);
  let asked = 0;
  await using _server = Deno.serve(
    { hostname: "127.0.0.1", port: reserved.port, onListen() {} },
    () => {
      asked++;
      return new Response("", {
        status: 407,
        headers: { "proxy-authenticate": "Basic" },
      });
    },
  );
  assertError(
    await machine.run(["refresh"], {
      env: { ...machine.appEnv, HTTP_PROXY: `http://${proxy}` },
    }),
    5,
    new RegExp(
      `the proxy ${proxy} requires a user name and password \\(407\\)$`,
    ),
    /USER:PASSWORD@HOST:PORT/,
  );
  assert.equal(asked, 1);
  assert.deepEqual(machine.storedTokens(), before);
});

Deno.test("tdauth refresh is ended by Ctrl-C while the broker keeps it waiting", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const before = machine.storedTokens();
  machine.sandbox.failNext({ status: 200, body: "{}", delayMs: 20_000 });
  const exchanged = machine.sandbox.requests.length;
  const running = machine.start(["refresh"], { env: machine.appEnv });
  await until(
    "the broker keeps it waiting",
    () => machine.sandbox.requests.length > exchanged,
    running,
  );
  assert.ok(running.kill("SIGINT"));
  const { code, stderr } = await running.result;
  // After 10 seconds without an answer it would have asked again.
  assert.equal(machine.sandbox.requests.length, exchanged + 1);
  assert.notEqual(code, 0, stderr);
  assert.deepEqual(machine.storedTokens(), before);
});

Deno.test("tdauth refresh goes on when the broker's answer is lost once, and exits with 3 when it is lost twice", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const asked = () =>
    machine.sandbox.requests.filter(({ grantType }) =>
      grantType === "refresh_token"
    ).length;
  machine.sandbox.failNext({ cut: true });
  const once = await machine.run(["refresh"], { env: machine.appEnv });
  assert.equal(once.code, 0, once.stderr);
  assert.equal(asked(), 2);
  const before = machine.storedTokens();
  machine.sandbox.failNext({ cut: true, times: 2 });
  assertError(
    await machine.run(["refresh"], { env: machine.appEnv }),
    3,
    /the broker's response to a refresh was lost twice$/,
    /tdauth login$/,
  );
  assert.equal(asked(), 4);
  assert.deepEqual(machine.storedTokens(), before);
});
