import assert from "node:assert/strict";
import { assertKilled } from "../premise.ts";
import { jsonOf } from "./asserts.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";

const exchanges = ({ sandbox }: Machine) =>
  sandbox.requests.filter(({ grantType }) => grantType === "authorization_code")
    .length;

/** Starts a login whose user has not come yet, and a second one that waits for it. */
async function twoLogins(machine: Machine, args: readonly string[]) {
  const before = exchanges(machine);
  const first = machine.start(["login", "--no-browser"], {
    env: machine.appEnv,
  });
  const [, url = ""] = await first.sees(/^ {2}(http\S+)$/m);
  await first.sees(/Waiting/);
  const second = machine.start(["login", ...args], { env: machine.appEnv });
  await second.sees(
    Deno.build.os === "windows"
      ? /another process is logging in; waiting for it/
      : new RegExp(
        `another process \\(tdauth login, process ${first.pid}\\) is logging in; waiting for it`,
      ),
  );
  assert.equal(first.ended, false);
  assert.equal(exchanges(machine), before);
  return { first, second, url };
}

Deno.test("tdauth login waits for another login of the profile and uses its tokens", async () => {
  await using machine = await startMachine();
  const { first, second, url } = await twoLogins(machine, ["--json"]);
  await machine.sandbox.approve(url);
  assert.equal((await first.result).code, 0);
  const result = await second.result;
  assert.equal(result.code, 0, result.stderr);
  assert.equal(jsonOf(result)["logged_in"], false);
  assert.equal(exchanges(machine), 1);
});

Deno.test("tdauth login logs in itself when the login it waited for was not completed", async () => {
  await using machine = await startMachine();
  const args = ["--browser", APPROVE];
  const { first, second } = await twoLogins(machine, args);
  first.kill("SIGKILL"); // a holder that dies blocks nobody
  assertKilled(await first.result);
  const { code, stderr } = await second.result;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Logged in\./m);
  assert.equal(exchanges(machine), 1);
});

Deno.test("tdauth login --force logs in anyway, and says whose tokens it invalidates", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const args = ["--force", "--browser", APPROVE];
  const { first, second, url } = await twoLogins(machine, args);
  await machine.sandbox.approve(url);
  assert.equal((await first.result).code, 0);
  const { code, stderr } = await second.result;
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^note: a new login at Charles Schwab invalidates the last tokens immediately/m,
  );
  assert.equal(exchanges(machine), 3); // that of signIn() included
});

Deno.test("tdauth token goes on with a valid token while a login waits for its user", async () => {
  await using machine = await startMachine();
  const { access_token } = await machine.signIn();
  const login = machine.start(["login", "--no-browser"], {
    env: machine.appEnv,
  });
  await login.sees(/Waiting/);
  const token = await machine.run(["token"], {
    env: machine.appEnv,
    printsToken: true,
  });
  assert.equal(token.stdout, `${access_token.token}\n`);
  machine.age("access_token", 3600);
  const refreshed = await machine.run(["token"], {
    env: machine.appEnv,
    printsToken: true,
  });
  assert.equal(refreshed.code, 0, refreshed.stderr);
  assert.notEqual(refreshed.stdout, token.stdout);
  assert.equal(login.ended, false, login.stderr);
  login.kill("SIGINT");
  assert.equal((await login.result).code, 4);
});
