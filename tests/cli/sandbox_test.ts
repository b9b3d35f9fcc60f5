import assert from "node:assert/strict";
import { assertError, assertQuiet, jsonOf } from "./asserts.ts";
import { APPROVE, startMachine } from "./machine.ts";

const USER_PASSWORD = /with the password \S+\.$/m;

for (
  const [provider, callback] of [
    ["schwab", "https"],
    ["tdameritrade", "http"],
  ] as const
) {
  Deno.test(`tdauth sandbox prints settings with which another process logs in as at ${provider}`, async () => {
    await using machine = await startMachine();
    const url = `${callback}://127.0.0.1:${machine.port}`;
    const args = ["sandbox", "--port", "0", "--callback-url", url];
    const broker = machine.start([...args, "--provider", provider]);
    await broker.sees(/Ctrl-C stops it/);
    assert.match(broker.stderr, USER_PASSWORD);
    assert.match(broker.stdout, /^(export TD_[A-Z_]+='[^'\n]+'\n)+$/);

    const shell = new Deno.Command("sh", {
      args: ["-c", `${broker.stdout} env`],
      clearEnv: true,
      env: { PATH: Deno.env.get("PATH") ?? "" },
    }).outputSync();
    const env = Object.fromEntries(
      new TextDecoder().decode(shell.stdout).split("\n")
        .filter((line) => line.startsWith("TD_"))
        .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
    );
    assert.equal(env["TD_PROVIDER"], provider);
    assert.equal(env["TD_CALLBACK_URL"], url);
    assertQuiet(await machine.run(["login", "--browser", APPROVE], { env }));
    assertQuiet(await machine.run(["refresh", "--profile", "sandbox"]));

    broker.kill("SIGINT");
    assert.equal((await broker.result).code, 0);
    await assert.rejects(fetch(env["TD_SANDBOX"] ?? ""), TypeError);
    assert.equal(
      (await machine.run(["refresh", "--profile", "sandbox"])).code,
      5,
    );
  });
}

Deno.test("tdauth sandbox with --json prints one JSON value, and SIGTERM ends it", async () => {
  await using machine = await startMachine();
  const broker = machine.start(["sandbox", "--json", "--port", "0"]);
  await broker.sees(/Ctrl-C stops it/);
  broker.kill("SIGTERM");
  const result = await broker.result;
  assert.equal(result.code, 0);
  const { url, user, environment } = jsonOf(result) as {
    url: string;
    user: Record<string, string>;
    environment: Record<string, string>;
  };
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.deepEqual(Object.keys(user), ["name", "password"]);
  assert.deepEqual(environment, {
    TD_SANDBOX: url,
    TD_PROVIDER: "schwab",
    TD_CONSUMER_KEY: "SANDBOX-APP",
    TD_CONSUMER_SECRET: "SANDBOX-SECRET",
    TD_CALLBACK_URL: "https://127.0.0.1:8182",
    TD_PROFILE: "sandbox",
  });
});

Deno.test("tdauth sandbox exits with 1 and names the port when it is in use", async () => {
  await using machine = await startMachine();
  using _other = Deno.listen({ hostname: "127.0.0.1", port: machine.port });
  assertError(
    await machine.run(["sandbox", "--port", String(machine.port)]),
    1,
    new RegExp(`another program uses port ${machine.port}$`),
    /--port 0/,
  );
});

for (
  const [args, why] of [
    [["--port", "http"], /cannot use "http" for --port: /],
    [["--port", "70000"], /cannot use "70000" for --port: /],
    [["--provider", "etrade"], /cannot emulate "etrade": /],
    [["--callback-url", "ftp://x"], /: it is neither http nor https$/],
    [["--callback-url", "http://x"], /Schwab accepts only https callback URLs/],
  ] as const
) {
  Deno.test(`tdauth sandbox exits with 2 for ${args.join(" ")}`, async () => {
    await using machine = await startMachine();
    assertError(await machine.run(["sandbox", ...args]), 2, why);
  });
}

Deno.test("tdauth sandbox --approve exits with 1 and says why when the broker does not let the user in", async () => {
  await using machine = await startMachine();
  const url = `${machine.sandbox.authorizationEndpoint}?client_id=nobody`;
  const result = await machine.run(["sandbox", "--approve", url]);
  assertError(
    result,
    1,
    /^tdauth: cannot log in to the practice broker: it answered 403, "Access Denied"/,
  );
});

Deno.test("tdauth sandbox --approve does not log in at a real broker", async () => {
  await using machine = await startMachine();
  for (const url of ["https://api.schwabapi.com/v1/oauth/authorize", "x"]) {
    const result = await machine.run(["sandbox", "--approve", url]);
    assertError(
      result,
      2,
      /^tdauth: cannot (act as the user|use "x" for --approve): /,
    );
  }
});

Deno.test("tdauth sandbox --approve says that there is no practice broker, and why with --verbose", async () => {
  await using machine = await startMachine();
  const origin = `http://127.0.0.1:${machine.port}`;
  const args = ["sandbox", "--approve", `${origin}/x?state=CANARY-STATE`];
  machine.secrets.add("CANARY-STATE");
  const result = await machine.run(args);
  assertError(
    result,
    1,
    new RegExp(`: there is none at ${origin}$`),
  );
  const loud = await machine.run([...args, "--verbose"]);
  assert.match(loud.stderr, /^cause: \w+: .*refused/im);
});
