/** Every result is looked over by the machine itself: what is secret on it must not be in any output. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import {
  APPROVE,
  DENY,
  type Machine,
  type Result,
  startMachine,
} from "./machine.ts";
import { denoLine } from "../../tools/deno.ts";

const SPY = fileURLToPath(new URL("spy.ts", import.meta.url));

/** Runs a command as loudly as it can be, plainly and with --json. */
async function loudly(
  machine: Machine,
  args: readonly string[],
  code: number,
  before?: () => void,
): Promise<void> {
  for (const json of [[], ["--json"]]) {
    before?.();
    const result = await machine.run(["--verbose", ...json, ...args], {
      env: { ...machine.appEnv, TD_LOG_LEVEL: "debug" },
      printsToken: args[0] === "token" || args[0] === "header",
    });
    assert.equal(result.code, code, `${args.join(" ")}: ${result.stderr}`);
  }
}

for (const broker of ["schwab", "tdameritrade"] as const) {
  Deno.test(`tdauth --verbose shows no secret of ${broker}, whatever it does`, async () => {
    await using machine = await startMachine({ broker });
    await loudly(machine, ["configure"], 0);
    await loudly(machine, ["status"], 3);
    await loudly(machine, ["token"], 3);
    await loudly(machine, ["login", "--browser", APPROVE], 0);
    await loudly(machine, ["login", "--browser", DENY], 4);
    await loudly(machine, ["login", "--no-browser", "--timeout", "0.1s"], 4);
    await loudly(machine, ["status"], 0);
    await loudly(machine, ["token"], 0);
    await loudly(machine, ["header"], 0);
    await loudly(machine, ["exec", "--", "true"], 0);
    await loudly(machine, ["exec", "--", "./no-such-command"], 127);
    for (const path of ["/v1/accounts", "/trader/v1/accounts", "/no"]) {
      const known = broker === "schwab" ? "/trader/" : "/v1/";
      await loudly(machine, ["fetch", path], path.startsWith(known) ? 0 : 1);
    }
    await loudly(machine, ["fetch", "https://example.invalid/"], 2);
    await loudly(machine, ["refresh"], 0);
    await loudly(machine, ["logout", "--all"], 0);
  });
}

Deno.test("tdauth --verbose shows no secret that the broker repeats in its errors", async () => {
  await using machine = await startMachine();
  const { refresh_token } = await machine.signIn();
  const all = `${refresh_token.token} ${machine.sandbox.app.consumerSecret}`;
  const answers = [
    { status: 401, error: "invalid_client", code: 2 },
    { status: 400, error: "something_else", code: 3 },
    { status: 404, error: "something_else", code: 1 },
    { status: 500, error: "server_error", code: 5 },
    { status: 400, error: "invalid_grant", code: 3 },
  ];
  // The broker's word holds for a while.
  const forget = () => {
    const {
      refresh_refused: _,
      refresh_doubt: __,
      client_authentication: ___,
      ...rest
    } = JSON.parse(Deno.readTextFileSync(machine.tokenPath));
    Deno.writeTextFileSync(machine.tokenPath, JSON.stringify(rest));
  };
  for (
    const [body, code] of [
      [all, 1],
      [`<p>${all}</p>`, 5],
      [`{"access_token":"${all}`, 1],
    ] as const
  ) {
    machine.sandbox.failNext({ status: 200, body, times: 2 });
    await loudly(machine, ["refresh"], code, forget);
  }
  for (const { status, error, code } of answers) {
    machine.sandbox.failNext({
      status,
      contentType: "application/json",
      body: JSON.stringify({ error, error_description: all }),
      times: 2,
    });
    await loudly(machine, ["refresh"], code, forget);
  }
});

Deno.test("tdauth --verbose shows no secret of a damaged token file", async () => {
  await using machine = await startMachine();
  const { access_token } = await machine.signIn();
  const { token } = access_token;
  for (const text of [`{"token": "${token}"`, `"${token}"`, `[${token}]`]) {
    for (const command of ["status", "token", "logout", "refresh"]) {
      Deno.writeTextFileSync(machine.tokenPath, text);
      const { code, stderr } = await machine.run(["--verbose", command], {
        env: machine.appEnv,
      });
      assert.equal(code, 1, stderr);
    }
  }
});

Deno.test("tdauth login passes the browser the page and none of its own variables, and shows nothing of what it prints", async () => {
  await using machine = await startMachine();
  const file = `${machine.cwd}/spied`;
  const browser = denoLine("run", "-A", SPY, file);
  const result: Result = await machine.run(["login", "--browser", browser], {
    env: { ...machine.appEnv, TD_ACCESS_TOKEN: "CANARY-ACCESS" },
  });
  assert.equal(result.code, 0, result.stderr);
  assert.doesNotMatch(result.stdout + result.stderr, /CANARY/);
  const spied = Deno.readTextFileSync(file);
  const { args } = JSON.parse(spied) as { args: string[] };
  assert.equal(args.length, 2);
  for (const secret of [...machine.secrets, "CANARY-ACCESS"]) {
    assert.ok(!spied.includes(secret));
  }
});
