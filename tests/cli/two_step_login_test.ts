/** A login that one process begins and another one finishes. */
import assert from "node:assert/strict";
import { assertErrorLines, jsonOf } from "./asserts.ts";
import { type Machine, startMachine } from "./machine.ts";
import { needsScript } from "./terminals.ts";

/** Begins a login; gives the address at which the user's browser ends. */
async function begun(
  machine: Machine,
): Promise<{ readonly address: string; readonly page: URL }> {
  const result = await machine.run(["login", "--begin", "--json"], {
    env: machine.appEnv,
  });
  assert.equal(result.code, 0, result.stderr);
  const page = new URL(String(jsonOf(result)["authorization_url"]));
  const address = await machine.sandbox.approveAndCopy(page.href);
  machine.secrets.add(new URL(address).searchParams.get("code") ?? "");
  return { address, page };
}

const finish = (machine: Machine, stdin: string) =>
  machine.run(["login", "--finish"], { env: machine.appEnv, stdin });

for (const broker of ["schwab", "tdameritrade"] as const) {
  Deno.test(`tdauth login --begin and --finish log in to ${broker}, with nothing listening and no browser opened`, async () => {
    await using machine = await startMachine({ broker });
    const began = await machine.run(["login", "--begin", "--json"], {
      env: machine.appEnv,
    });
    const { id, authorization_url, callback_url, expires_at, ...rest } = jsonOf(
      began,
    );
    assert.deepEqual([began.code, began.stderr, rest], [0, "", {}]);
    assert.match(String(id), /^[\da-f-]{36}$/);
    assert.equal(callback_url, machine.sandbox.app.callbackUrl);
    const left = Number(expires_at) - Date.now() / 1000;
    assert.ok(left > 500 && left <= 600, `${left} s`);
    const url = String(authorization_url);
    const address = await machine.sandbox.approveAndCopy(url);
    machine.secrets.add(new URL(address).searchParams.get("code") ?? "");
    const { code, stdout, stderr } = await finish(machine, `${address}\n`);
    assert.deepEqual([code, stdout], [0, ""], stderr);
    assert.match(stderr, /^Logged in\. Next login due by /);
    assert.equal(machine.readTokens()["pending_login"], undefined);
    const token = await machine.run(["token"], { printsToken: true });
    assert.equal(token.code, 0, token.stderr);
  });
}

Deno.test("tdauth login --begin prints the URL alone on stdout, and on stderr what to do with it", async () => {
  await using machine = await startMachine();
  const { code, stdout, stderr } = await machine.run(["login", "--begin"], {
    env: machine.appEnv,
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^http:\/\/127\.0\.0\.1:\S+\/authorize\?\S+\n$/);
  assert.match(stderr, /^Logging in to Charles Schwab with the app PROCESS/);
  assert.match(
    stderr,
    /The browser ends at an address that begins with https:\/\/127\.0\.0\.1:\d+\.\n/,
  );
  assert.match(stderr, /^ {2}.*login --finish$/m);
});

Deno.test("tdauth login --finish uses nothing up by a wrong address, and can be used once", async () => {
  await using machine = await startMachine();
  const { address } = await begun(machine);
  const forged = new URL(address);
  forged.searchParams.set("state", "of-another-login");
  for (
    const [stdin, why] of [
      [forged.href, /the state does not match: it is from a different login$/],
      ["hello", /this is not a URL/],
      ["", /stdin is empty$/],
      ["https://example.com/?code=C", /does not begin with the callback URL/],
    ] as const
  ) {
    const result = await finish(machine, stdin);
    assertErrorLines(result, 4, why);
    assert.match(result.stderr, /^hint: the login can still be finished/m);
  }
  const before = machine.sandbox.requests.length;
  assert.equal((await finish(machine, address)).code, 0);
  assert.equal(machine.sandbox.requests.length, before + 1);
  const again = await finish(machine, address);
  assertErrorLines(again, 4, /none was begun here$/);
  assert.match(again.stderr, /^hint: begin one: .*login --begin$/m);
  assert.equal(machine.sandbox.requests.length, before + 1);
});

Deno.test("tdauth login --finish by two at once exchanges the code once", async () => {
  await using machine = await startMachine();
  const { address } = await begun(machine);
  const results = await Promise.all(
    [1, 2, 3].map(() => finish(machine, address)),
  );
  const exchanges = machine.sandbox.requests.filter(({ grantType }) =>
    grantType === "authorization_code"
  );
  assert.equal(exchanges.length, 1);
  assert.deepEqual(results.map(({ code }) => code).sort(), [0, 4, 4]);
});

Deno.test("tdauth login --begin replaces the login that was begun before", async () => {
  await using machine = await startMachine();
  const first = await begun(machine);
  const second = await begun(machine);
  assertErrorLines(await finish(machine, first.address), 4, /the state does/);
  assert.equal((await finish(machine, second.address)).code, 0);
});

Deno.test("tdauth login --begin keeps the tokens that there are, and a refresh keeps the login that was begun", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const tokens = machine.storedTokens();
  const { address } = await begun(machine);
  assert.deepEqual(machine.storedTokens(), tokens);
  const refreshed = await machine.run(["refresh"], { env: machine.appEnv });
  assert.equal(refreshed.code, 0, refreshed.stderr);
  assert.notDeepEqual(machine.storedTokens(), tokens);
  assert.equal((await finish(machine, address)).code, 0);
});

Deno.test("tdauth login --finish says that the user denied access", async () => {
  await using machine = await startMachine();
  const { page } = await begun(machine);
  const denied = new URL(machine.sandbox.app.callbackUrl);
  denied.search = new URLSearchParams({
    error: "access_denied",
    state: page.searchParams.get("state") ?? "",
  }).toString();
  assertErrorLines(await finish(machine, denied.href), 4, /denied/);
});

Deno.test(
  needsScript(
    "tdauth login --finish in a terminal asks until the address is right, and does not show it",
  ),
  async () => {
    await using machine = await startMachine();
    const { address } = await begun(machine);
    const login = machine.start(["login", "--finish"], {
      env: machine.appEnv,
      terminal: true,
    });
    const question = /The address at which the browser ended \(hidden\)\?/g;
    await login.sees(question, "stdout");
    // Between two questions nothing is shown either, however quick the user is.
    machine.secrets.add("CANARY-PASTED");
    for (let wrong = 0; wrong < 20; wrong++) {
      await login.write("CANARY-PASTED\r");
      await login.sees(
        new RegExp(`(?:this is not a URL[^]*){${wrong + 1}}`),
        "stdout",
      );
    }
    await login.write(`${address}\r`);
    const { code, stdout } = await login.result;
    assert.equal(code, 0, stdout);
    assert.equal(stdout.match(question)?.length, 21);
    assert.match(stdout, /Logged in\./);
  },
);

Deno.test("tdauth login with --redirect-url - reads the address from a pipe while it waits", async () => {
  await using machine = await startMachine();
  const login = machine.start(
    ["login", "--no-browser", "--redirect-url", "-"],
    { env: machine.appEnv },
  );
  const [page = ""] = await login.sees(/http\S+authorize\?\S+/);
  const address = await machine.sandbox.approveAndCopy(page);
  machine.secrets.add(new URL(address).searchParams.get("code") ?? "");
  await login.write(`${address}\n`);
  const { code, stderr } = await login.result;
  assert.equal(code, 0, stderr);
});

Deno.test("tdauth login exits with 2 for an address in an argument, which it does not repeat, and for flags without effect", async () => {
  await using machine = await startMachine();
  const run = (...args: string[]) =>
    machine.run(["login", ...args], { env: machine.appEnv });
  machine.secrets.add("CANARY-CODE");
  assertErrorLines(
    await run("--redirect-url", "https://127.0.0.1/?code=CANARY-CODE"),
    2,
    /--redirect-url is not -$/,
  );
  for (
    const args of [
      ["--begin", "--finish"],
      ["--begin", "--browser", "firefox"],
      ["--begin", "--device"],
      ["--finish", "--if-older", "5d"],
      ["--finish", "--redirect-url", "-"],
    ]
  ) {
    assertErrorLines(
      await run(...args),
      2,
      /has no effect with --(begin|finish)$/,
    );
  }
});
