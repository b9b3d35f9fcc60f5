import assert from "node:assert/strict";
import { DiskCache } from "../../mod.ts";
import { holdTurn } from "../premise.ts";
import { assertError, assertQuiet, jsonOf } from "./asserts.ts";
import { APPROVE, type Machine, type Result, startMachine } from "./machine.ts";
import { opens } from "./processes.ts";

/** Runs `token`, which may print the token that it finds or gets. */
function token(machine: Machine, ...args: string[]): Promise<Result> {
  return machine.run(["token", ...args], {
    env: machine.appEnv,
    printsToken: true,
  });
}

/** The requests of one kind that the practice broker has had. */
function refreshes(machine: Machine): number {
  return machine.sandbox.requests.filter(({ grantType }) =>
    grantType === "refresh_token"
  ).length;
}

for (const broker of ["schwab", "tdameritrade"] as const) {
  Deno.test(`tdauth token prints the stored token of ${broker} and a newline, and sends no request`, async () => {
    await using machine = await startMachine({ broker });
    const { access_token } = await machine.signIn();
    const asked = machine.sandbox.requests.length;
    const { code, stdout, stderr } = await token(machine);
    assert.deepEqual([code, stdout, stderr], [
      0,
      `${access_token.token}\n`,
      "",
    ]);
    assert.equal(machine.sandbox.requests.length, asked);
  });

  Deno.test(`tdauth token refreshes an expired token of ${broker}, once, and stores it`, async () => {
    await using machine = await startMachine({ broker });
    const old = await machine.signIn();
    machine.sandbox.advance(1801);
    machine.age("access_token", 1801);
    const { code, stdout, stderr } = await token(machine);
    const stored = machine.readTokens();
    assert.deepEqual([code, stdout, stderr], [
      0,
      `${stored.access_token.token}\n`,
      "",
    ]);
    assert.notEqual(stored.access_token.token, old.access_token.token);
    assert.deepEqual(stored.refresh_token, old.refresh_token);
    assert.equal(stored["login_time"], old["login_time"]);
    assert.equal(refreshes(machine), 1);
    assert.equal((await token(machine)).stdout, stdout);
    assert.equal(refreshes(machine), 1);
  });
}

Deno.test("tdauth token refreshes when less than --min-valid is left, a minute by default", async () => {
  await using machine = await startMachine();
  const { access_token: { token: old } } = await machine.signIn();
  machine.age("access_token", 1700); // 100 seconds are left
  assert.equal((await token(machine)).stdout, `${old}\n`);
  assert.equal((await token(machine, "--min-valid", "90s")).stdout, `${old}\n`);
  assert.equal(refreshes(machine), 0);
  const fresh = await token(machine, "--min-valid", "2m");
  assert.notEqual(fresh.stdout, `${old}\n`);
  assert.equal(refreshes(machine), 1);
  machine.age("access_token", 1750); // 50 seconds are left
  assert.notEqual((await token(machine)).stdout, fresh.stdout);
  assert.equal(refreshes(machine), 2);
});

Deno.test("tdauth token notes that a new token does not live as long as --min-valid asks", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const options = { env: machine.appEnv, printsToken: true };
  for (const command of ["token", "header"]) {
    const { code, stderr } = await machine.run(
      [command, "--min-valid", "99d"],
      options,
    );
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^note: the token is valid for \d+ minutes, which is less than --min-valid 99d: .*\n$/,
    );
  }
  const long = await machine.run(["token", "--min-valid", "5m"], options);
  assert.deepEqual([long.code, long.stderr], [0, ""]);
});

Deno.test("tdauth token serves a token that lives less than a minute until a tenth of its life is left", async () => {
  await using machine = await startMachine({ accessTokenLifetime: 50 });
  const { access_token } = await machine.signIn();
  const asked = machine.sandbox.requests.length;
  for (let call = 0; call < 2; call++) {
    const { code, stdout, stderr } = await token(machine);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `${access_token.token}\n`);
  }
  assert.equal(machine.sandbox.requests.length, asked);
  machine.age("access_token", 46);
  const next = await token(machine);
  assert.equal(next.code, 0, next.stderr);
  assert.notEqual(next.stdout, `${access_token.token}\n`);
});

Deno.test("tdauth token prints the same on the quick path and on the full one", async () => {
  await using machine = await startMachine();
  const stored = await machine.signIn();
  const quick = await token(machine);
  for (
    const args of [["--verbose"], ["--min-valid", "60s"], [
      "--profile",
      "default",
    ]]
  ) {
    assert.deepEqual(await token(machine, ...args), quick);
  }
  assert.equal(quick.stdout, `${stored.access_token.token}\n`);
});

Deno.test("tdauth token with --json prints one JSON value", async () => {
  await using machine = await startMachine();
  const { access_token } = await machine.signIn();
  const { expires_in, ...rest } = jsonOf(await token(machine, "--json"));
  assert.deepEqual(rest, {
    access_token: access_token.token,
    token_type: "Bearer",
    expires_at: access_token.access_time + 1800,
    issued_at: access_token.access_time,
    provider: "schwab",
  });
  assert.ok(Number(expires_in) > 1700 && Number(expires_in) <= 1800);
});

Deno.test("tdauth token exits with 3 and opens no browser when there are no tokens", async () => {
  await using machine = await startMachine();
  for (const args of [["token"], ["token", "--verbose"]]) {
    assertError(
      await machine.run(args, { env: { ...machine.appEnv, BROWSER: APPROVE } }),
      3,
      /^tdauth: cannot get an access token: there are no stored tokens$/,
      /^hint: log in: tdauth login$/,
    );
  }
  assert.deepEqual(machine.sandbox.requests, []);
});

Deno.test("tdauth token exits with 3 and sends no request when the refresh token has expired", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  machine.age("access_token", 604_801);
  machine.age("refresh_token", 604_801);
  assertError(
    await machine.run(["token"], {
      env: { ...machine.appEnv, BROWSER: APPROVE },
    }),
    3,
    /the refresh token has expired$/,
    /tdauth login$/,
  );
  assert.equal(refreshes(machine), 0);
});

for (
  const deadRefreshToken of [
    "unsupported_token_type",
    "invalid_client",
  ] as const
) {
  Deno.test(`tdauth token exits with 3 when Schwab says ${deadRefreshToken} of a revoked refresh token`, async () => {
    await using machine = await startMachine({ deadRefreshToken });
    await machine.signIn();
    machine.age("access_token", 1801);
    const before = machine.storedTokens();
    machine.sandbox.revokeAll();
    assertError(
      await machine.run(["token"], {
        env: { ...machine.appEnv, BROWSER: APPROVE },
      }),
      3,
      /the refresh token has expired, was revoked, or was replaced by a newer login/,
      /tdauth login$/,
    );
    assert.deepEqual(machine.storedTokens(), before);
  });
}

Deno.test("tdauth token exits with 3 when a revoked refresh token is TD Ameritrade's", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  await machine.signIn();
  machine.age("access_token", 1801);
  machine.sandbox.revokeAll();
  const result = await machine.run(["token"], { env: machine.appEnv });
  assertError(result, 3, /was revoked.*\(invalid_grant\)$/, /tdauth login$/);
});

Deno.test("tdauth token exits with 3 after a newer login elsewhere, and a login helps", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const mine = Deno.readTextFileSync(machine.tokenPath);
  const elsewhere = await machine.signIn("elsewhere");
  machine.secrets.add(elsewhere.access_token.token);
  Deno.writeTextFileSync(machine.tokenPath, mine);
  machine.age("access_token", 1801);
  const dead = await machine.run(["token"], { env: machine.appEnv });
  assertError(dead, 3, /replaced by a newer login/, /tdauth login$/);
  assertQuiet(
    await machine.run(["login", "--browser", APPROVE], {
      env: machine.appEnv,
    }),
  );
  assert.equal((await token(machine)).code, 0);
});

Deno.test("tdauth token exits with 1 for a damaged token file, sets it aside, and then needs a login", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  Deno.writeTextFileSync(machine.tokenPath, '{"access_token":');
  assertError(
    await machine.run(["token"], { env: machine.appEnv }),
    1,
    /cannot understand the stored tokens: it is not JSON; the file was moved to "/,
    /tdauth login$/,
  );
  assert.equal((await machine.run(["token"], { env: machine.appEnv })).code, 3);
});

Deno.test("tdauth token goes on with a file that pyTD wrote", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const { access_token, refresh_token } = await machine.signIn();
  Deno.writeTextFileSync(
    machine.tokenPath,
    JSON.stringify({ refresh_token, access_token }),
    { mode: 0o644 },
  );
  assert.equal((await token(machine)).stdout, `${access_token.token}\n`);
  machine.age("access_token", 1801);
  assert.equal((await token(machine)).code, 0);
  assert.deepEqual(machine.readTokens().refresh_token, refresh_token);
});

Deno.test("tdauth token in many processes refreshes once, and all print the same", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  machine.age("access_token", 1801);
  const { consumerKey } = machine.sandbox.app;
  const disk = new DiskCache(machine.configDir, consumerKey);
  const turn = await holdTurn(disk, "refresh");
  const many = Array.from(
    { length: 5 },
    () => machine.start(["token"], { env: machine.appEnv, printsToken: true }),
  );
  await Promise.all(many.map((one) => opens(one, ".refresh.lock")));
  assert.equal(refreshes(machine), 0);
  await turn.release();
  const results = await Promise.all(many.map(({ result }) => result));
  assert.deepEqual(results.map(({ code }) => code), [0, 0, 0, 0, 0]);
  assert.equal(new Set(results.map(({ stdout }) => stdout)).size, 1);
  assert.equal(refreshes(machine), 1);
});

Deno.test("tdauth token --refused refreshes the token on stdin, and prints the stored one to all who still have the old one", async () => {
  await using machine = await startMachine();
  const { access_token: { token: old } } = await machine.signIn();
  const run = (stdin: string, ...args: string[]) =>
    machine.run(["token", "--refused", ...args], {
      env: machine.appEnv,
      printsToken: true,
      stdin,
    });
  const first = await run(`${old}\n`);
  const { access_token: { token: fresh } } = machine.readTokens();
  assert.deepEqual([first.code, first.stdout, first.stderr], [
    0,
    `${fresh}\n`,
    "",
  ]);
  assert.notEqual(fresh, old);
  assert.equal(refreshes(machine), 1);
  // As `tdauth header` and `Get-Content` of PowerShell hand it on.
  for (
    const form of [old, `Bearer ${old}`, `Authorization: Bearer ${old}\r\n`]
  ) {
    assert.equal((await run(form)).stdout, `${fresh}\n`);
  }
  assert.equal(refreshes(machine), 1);
  const json = jsonOf(await run(`Authorization: Bearer ${fresh}\n`, "--json"));
  assert.equal(refreshes(machine), 2);
  assert.equal(json["access_token"], machine.readTokens().access_token.token);
  assert.notEqual(json["access_token"], fresh);
  machine.age("access_token", 1750); // 50 seconds are left
  await run("ANOTHER-TOKEN");
  assert.equal(refreshes(machine), 3);
});

Deno.test("tdauth token --refused prints nothing when stdin holds no token, a login is needed or the broker is away", async () => {
  await using machine = await startMachine();
  const { access_token: { token: old } } = await machine.signIn();
  const run = (stdin: string) =>
    machine.run(["token", "--refused"], { env: machine.appEnv, stdin });
  assertError(await run(""), 2, /: stdin is empty$/, /--refused$/);
  assertError(await run("two words\n"), 2, /: stdin holds no token$/);
  assert.equal(refreshes(machine), 0);
  // The old one is still valid, but of no use to its holder.
  machine.sandbox.failNext({ status: 503, times: 9 });
  assertError(await run(old), 5, /./);
  machine.sandbox.failNext();
  machine.age("refresh_token", 8 * 86_400);
  assertError(await run(old), 3, /: the refresh token has expired$/);
});
