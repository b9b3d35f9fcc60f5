/** Who asks whether a login is needed knows of a refresh token that the broker has rejected, not of its expiry alone. */
import assert from "node:assert/strict";
import { assertErrorLines, jsonOf } from "./asserts.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";

const REASON = "it was replaced by a newer login";

/** A machine whose refresh token is valid for days, and was rejected. */
async function refused(): Promise<Machine> {
  const machine = await startMachine();
  await machine.signIn();
  change(machine, machine.tokenPath);
  return machine;
}

/** Notes the rejection in a token file. */
function change(
  machine: Machine,
  path: string,
  refusal: unknown = {
    time: Math.floor(Date.now() / 1000) - 3600,
    reason: REASON,
  },
) {
  const tokens = machine.readTokens(path);
  Deno.writeTextFileSync(
    path,
    JSON.stringify({ ...tokens, refresh_refused: refusal }),
  );
}

/** Runs a command with the app's settings. */
const on = (machine: Machine, ...args: readonly string[]) =>
  machine.run(args, { env: machine.appEnv });

Deno.test("tdauth login --if-older logs in where the broker has rejected the refresh token, however young the login is", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const young = [
    ...["login", "--if-older", "5d"],
    ...["--browser", APPROVE, "--json"],
  ];
  assert.equal(jsonOf(await on(machine, ...young))["logged_in"], false);
  change(machine, machine.tokenPath);
  assert.equal(jsonOf(await on(machine, ...young))["logged_in"], true);
});

Deno.test("tdauth status, --fail-within and doctor say that a login is needed once the token of a rejected login ends", async () => {
  await using machine = await refused();
  const within = ["status", "--fail-within", "1d", "--json"];
  assert.equal((await on(machine, ...within)).code, 3);
  machine.age("access_token", 3600);
  const status = await on(machine, "status", "--json");
  assert.equal(status.code, 3);
  assert.equal(jsonOf(status)["login_needed"], true);
  assert.match(status.stderr, /the broker rejected the refresh token/);
  const doctor = await on(machine, "doctor", "--offline");
  assert.match(doctor.stdout, /access token +expired\n/);
  assert.doesNotMatch(doctor.stdout, /the next command refreshes it/);
});

Deno.test("tdauth import replaces a login that was rejected, though it would expire later, and takes no rejected one", async () => {
  await using machine = await refused();
  const path = `${machine.cwd}/tokens.json`;
  const old = machine.readTokens();
  await machine.signIn(); // another login, a day older than the stored one
  machine.age("refresh_token", 86_400);
  Deno.renameSync(machine.tokenPath, path);
  const other = machine.readTokens(path).refresh_token.token;
  assert.notEqual(other, old.refresh_token.token);
  Deno.writeTextFileSync(machine.tokenPath, JSON.stringify(old), {
    mode: 0o600,
  });
  const taken = await on(machine, "import", path);
  assert.equal(taken.code, 0, taken.stderr);
  assert.equal(machine.readTokens().refresh_token.token, other);

  const rejected = new RegExp(
    `cannot import the tokens: the broker rejected this refresh token: ${REASON}$`,
  );
  change(machine, machine.tokenPath); // here
  assertErrorLines(await on(machine, "import", path), 3, rejected, /--force/);
  assert.equal((await on(machine, "import", path, "--force")).code, 0);
  assert.equal(Object(machine.readTokens())["refresh_refused"], undefined);
  change(machine, path); // in the file
  Deno.removeSync(machine.tokenPath);
  assertErrorLines(await on(machine, "import", path), 3, rejected, /--force/);
});

Deno.test("tdauth export warns that the broker has rejected the refresh token", async () => {
  await using machine = await refused();
  const path = `${machine.cwd}/schwab.json`;
  const { code, stderr } = await on(
    machine,
    ...["export", "--format", "schwab-py", "--output", path],
  );
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^warning: the broker rejected the refresh token: no program can use it anymore$/m,
  );
});
