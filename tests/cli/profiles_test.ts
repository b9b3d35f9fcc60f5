import assert from "node:assert/strict";
import { assertError } from "./asserts.ts";
import { APPROVE, startMachine } from "./machine.ts";

Deno.test("tdauth login does not replace the settings of another app, such as a real account's by practice", async () => {
  await using machine = await startMachine();
  const real = {
    provider: "schwab",
    consumerKey: "REAL-KEY",
    consumerSecret: "CANARY-REAL-SECRET",
    callbackUrl: "https://127.0.0.1:8182",
  };
  machine.secrets.add("CANARY-REAL-SECRET");
  machine.writeConfig({ default: real });
  const { code, stderr } = await machine.run(["login", "--browser", APPROVE], {
    env: machine.appEnv,
  });
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /note: the profile default belongs to another app/,
  );
  assert.deepEqual(machine.readConfig().profiles["default"], real);
});

Deno.test("tdauth names the profile in what to do next, and the profiles that there are", async () => {
  await using machine = await startMachine();
  const { stderr } = await machine.run(["configure", "--profile", "work"], {
    env: machine.appEnv,
  });
  assert.match(stderr, /Next: tdauth login --profile work\n$/);
  assertError(
    await machine.run(["token", "--profile", "work"]),
    3,
    /there are no stored tokens$/,
    /tdauth login --profile work$/,
  );
  assertError(
    await machine.run(["token", "--profile", "wrok"]),
    2,
    /there is no profile "wrok" \(there is work\)$/,
    /tdauth configure --profile wrok$/,
  );
});

Deno.test("tdauth login exits with 2 when .env names a callback URL that is not on this machine", async () => {
  await using machine = await startMachine();
  Deno.writeTextFileSync(
    `${machine.cwd}/.env`,
    "TD_CALLBACK_URL=https://evil.example/cb\n",
  );
  const { TD_CALLBACK_URL: _, ...env } = machine.appEnv as Record<
    string,
    string
  >;
  assertError(
    await machine.run(["login", "--no-browser"], { env }),
    2,
    /cannot take TD_CALLBACK_URL from \.env: /,
    /TD_CALLBACK_URL in the environment/,
  );
});
