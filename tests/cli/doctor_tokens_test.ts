import assert from "node:assert/strict";
import { assertLine, examined } from "./doctor.ts";
import { type Machine, startMachine } from "./machine.ts";

/** Changes the token file. */
function change(machine: Machine, keys: Record<string, unknown>): void {
  Deno.writeTextFileSync(
    machine.tokenPath,
    JSON.stringify({ ...machine.readTokens(), ...keys }),
  );
}

const now = () => Math.floor(Date.now() / 1000);

Deno.test("tdauth doctor shows the tokens' state and when the next login is due", async () => {
  await using machine = await startMachine();
  assertLine(
    await examined(machine, ["--offline", "--profile", "work"]),
    "tokens",
    "warning",
    /there are none$/,
    /tdauth login --profile work$/,
  );
  await machine.signIn();
  const fresh = await examined(machine);
  assertLine(fresh, "access_token", "ok", /^valid for (29|30) minutes/);
  assertLine(fresh, "next_login", "ok", /^\w+day, .* \(in 7 days\)$/);

  machine.age("access_token", 1801);
  machine.age("refresh_token", 6 * 86_400 + 60);
  const due = await examined(machine);
  assertLine(
    due,
    "access_token",
    "ok",
    /^expired: the next command refreshes it/,
  );
  assertLine(due, "next_login", "warning", /in 23 hours/, /tdauth login$/);

  machine.age("refresh_token", 86_400);
  const old = await examined(machine);
  assertLine(
    old,
    "next_login",
    "failed",
    /^now: the refresh token expired on \w+day/,
    /tdauth login$/,
  );
});

Deno.test("tdauth doctor asks for a login while the last access token is valid, and does not fail before it ends", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  change(machine, { refresh_token: null });
  assertLine(
    await examined(machine),
    "next_login",
    "warning",
    /^in (29|30) minutes.*: there is no refresh token$/,
    /tdauth login$/,
  );
  const { access_token } = machine.readTokens();
  change(machine, { access_token: { ...access_token, expires_in: null } });
  const endless = await examined(machine);
  assertLine(endless, "access_token", "ok", /^valid, no known expiry$/);
  assertLine(
    endless,
    "next_login",
    "ok",
    /^when the access token is refused: there is no refresh token$/,
  );
});

Deno.test("tdauth doctor says what the marks of a rejected refresh and of a lost one mean", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const refused = {
    time: now(),
    reason:
      "the refresh token has expired, was revoked, or was replaced by a newer login (unsupported_token_type)",
  };
  change(machine, { refresh_refused: refused });
  assertLine(
    await examined(machine),
    "refresh_token",
    "warning",
    /the broker rejected it on .*replaced by a newer login/,
    /tdauth login$/,
  );
  machine.age("access_token", 1801);
  const lines = await examined(machine);
  assertLine(lines, "refresh_token", "failed", /rejected/, /tdauth login$/);
  assert.ok(!lines.some(({ check }) => check === "next_login"));

  change(machine, { refresh_refused: undefined, refresh_pending: now() });
  assertLine(await examined(machine), "refresh_token", "ok", /in progress/);
  change(machine, { refresh_pending: now() - 61 });
  assertLine(
    await examined(machine),
    "refresh_token",
    "warning",
    /never arrived/,
    /tdauth refresh$/,
  );
});

Deno.test("tdauth doctor leaves a damaged token file where it is", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  for (
    const text of [
      '{"access_token": {"token": not JSON',
      '{"refresh_token": {"token": 1, "access_time": 1, "expires_in": 1}}',
    ]
  ) {
    Deno.writeTextFileSync(machine.tokenPath, text);
    assertLine(
      await examined(machine),
      "tokens",
      "failed",
      /cannot understand the stored tokens: /,
      /restore .*PROCESS-TEST-APP from a backup.*tdauth login$/,
    );
  }
  for (const text of ["not JSON", "[]", '{"access_token": {"token": 1}}']) {
    Deno.writeTextFileSync(machine.tokenPath, text);
    assertLine(
      await examined(machine),
      "tokens",
      "failed",
      /contains something else/,
      /move the file away $/,
    );
  }
  Deno.writeTextFileSync(machine.tokenPath, '{"version": 9}');
  assertLine(await examined(machine), "tokens", "failed", /newer/, /update/);
  Deno.writeTextFileSync(machine.tokenPath, "");
  assertLine(await examined(machine), "tokens", "warning", /none/, /login/);
  Deno.removeSync(machine.tokenPath);
  Deno.mkdirSync(machine.tokenPath);
  assertLine(
    await examined(machine),
    "tokens",
    "failed",
    /cannot be read/,
    /chmod/,
  );
});

Deno.test("tdauth doctor warns of tokens of another provider, from the future, and that are not kept", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  change(machine, { provider: "schwab" });
  assertLine(
    await examined(machine),
    "tokens",
    "warning",
    /they belong to schwab, not schwab@127/,
    /tdauth login$/,
  );
  change(machine, { provider: undefined });
  machine.age("access_token", -7200);
  assertLine(
    await examined(machine),
    "access_token",
    "warning",
    /2 hours in the future/,
    /set the clock/,
  );
  assertLine(
    await examined(machine, ["--offline"], {
      env: { TD_STORE_TOKENS: "False" },
    }),
    "tokens",
    "warning",
    /not stored/,
    /TD_STORE_TOKENS/,
  );
});
