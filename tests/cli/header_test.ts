import assert from "node:assert/strict";
import { assertError, jsonOf } from "./asserts.ts";
import { startMachine } from "./machine.ts";

Deno.test("tdauth header prints the header with the stored token and a newline", async () => {
  await using machine = await startMachine();
  const { access_token: { token } } = await machine.signIn();
  const run = (...args: string[]) =>
    machine.run(["header", ...args], {
      env: machine.appEnv,
      printsToken: true,
    });
  const { code, stdout, stderr } = await run();
  assert.deepEqual([code, stdout, stderr], [
    0,
    `Authorization: Bearer ${token}\n`,
    "",
  ]);
  assert.deepEqual(jsonOf(await run("--json")), {
    Authorization: `Bearer ${token}`,
  });
});

Deno.test("tdauth header refreshes when less than --min-valid is left", async () => {
  await using machine = await startMachine();
  const { access_token: { token: old } } = await machine.signIn();
  machine.age("access_token", 1700); // 100 seconds are left
  const header = (...args: string[]) =>
    machine.run(["header", ...args], {
      env: machine.appEnv,
      printsToken: true,
    });
  assert.equal((await header()).stdout, `Authorization: Bearer ${old}\n`);
  const { stdout } = await header("--min-valid", "2m");
  assert.equal(
    stdout,
    `Authorization: Bearer ${machine.readTokens().access_token.token}\n`,
  );
  assert.ok(!stdout.includes(old));
});

Deno.test("tdauth header exits with 3 and prints nothing when there are no tokens", async () => {
  await using machine = await startMachine();
  assertError(
    await machine.run(["header"], { env: machine.appEnv }),
    3,
    /there are no stored tokens$/,
    /^hint: log in: tdauth login$/,
  );
});

const curl = hasCurl();
Deno.test(
  `tdauth header passes curl the token on stdin${
    curl ? "" : " (ignored: there is no curl)"
  }`,
  { ignore: !curl },
  async () => {
    await using machine = await startMachine();
    await machine.signIn();
    const url = `${machine.sandbox.url}/trader/v1/accounts`;
    const { code, stdout } = await machine.run(["header"], {
      env: machine.appEnv,
      under: `"$@" | curl --silent --fail --noproxy '*' -H @- ${url}`,
    });
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).length, 2);
  },
);

function hasCurl(): boolean {
  try {
    return new Deno.Command("curl", { args: ["--version"] }).outputSync()
      .success;
  } catch {
    return false;
  }
}
