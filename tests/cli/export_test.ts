import assert from "node:assert/strict";
import { assertError, jsonOf, modeOf } from "./asserts.ts";
import { type Machine, startMachine } from "./machine.ts";

const DAY = 86_400;

/** Prints both tokens, as is the job of `export`; whatever else is secret may not be shown. */
async function exported(machine: Machine, format: string): Promise<string> {
  const running = machine.start(["export", "--format", format], {
    env: machine.appEnv,
    printsBoth: true,
  });
  const { code, stdout, stderr } = await running.result;
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

for (const format of ["schwab-py", "schwabdev-2", "pytd", "tdauth"]) {
  Deno.test(`tdauth export --format ${format} prints a file that tdauth import reads completely`, async () => {
    await using machine = await startMachine();
    const { access_token, refresh_token } = await machine.signIn();
    const text = await exported(machine, format);
    assert.ok(text.includes(refresh_token.token));
    const elsewhere = { ...machine.appEnv, TD_CONFIG_DIR: `${machine.home}/b` };
    const result = await machine.run(["import", "-"], {
      env: elsewhere,
      stdin: text,
    });
    assert.equal(result.code, 0, result.stderr);
    const name = machine.tokenPath.split("/").at(-1);
    const other = machine.readTokens(`${machine.home}/b/${name}`);
    assert.deepEqual(other.access_token, access_token);
    assert.deepEqual(other.refresh_token, refresh_token);
  });
}

Deno.test("tdauth export --output writes a file that only its owner can read, and replaces none unless forced", async () => {
  await using machine = await startMachine();
  const { refresh_token } = await machine.signIn();
  const path = `${machine.cwd}/token.json`;
  const args = ["export", "--format", "schwab-py", "--output", "token.json"];
  const options = { env: machine.appEnv };
  const { code, stdout, stderr } = await machine.run(args, options);
  assert.deepEqual([code, stdout], [0, ""]);
  assert.match(
    stderr,
    /^Exported the tokens of the profile default for schwab-py:\n {2}token\.json\n/,
  );
  assert.equal(modeOf(path), 0o600);
  assert.ok(Deno.readTextFileSync(path).includes(refresh_token.token));
  Deno.writeTextFileSync(path, "theirs", { mode: 0o644 });
  assertError(
    await machine.run(args, options),
    2,
    /: it already exists$/,
    /--force$/,
  );
  assert.equal(Deno.readTextFileSync(path), "theirs");
  const forced = await machine.run([...args, "--force", "--json"], options);
  assert.deepEqual([forced.stderr, jsonOf(forced)], ["", {
    format: "schwab-py",
    output: path,
    replaced: true,
    profile: "default",
  }]);
  assert.equal(modeOf(path), 0o600);
  assert.deepEqual([...Deno.readDirSync(machine.cwd)].length, 1);
});

Deno.test("tdauth export --output never follows a planted link", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const victim = `${machine.home}/victim`;
  Deno.writeTextFileSync(victim, "theirs");
  Deno.mkdirSync(`${machine.home}/empty`);
  for (const target of [victim, `${machine.home}/empty/absent`]) {
    for (const format of ["schwab-py", "schwabdev"]) {
      const path = `${machine.cwd}/planted`;
      Deno.symlinkSync(target, path);
      const args = ["export", "--format", format, "--output", path];
      const options = { env: machine.appEnv };
      assertError(
        await machine.run(args, options),
        2,
        /: it already exists$/,
      );
      assert.equal((await machine.run([...args, "--force"], options)).code, 0);
      assert.equal(Deno.lstatSync(path).isSymlink, false);
      assert.equal(Deno.readTextFileSync(victim), "theirs");
      Deno.removeSync(path);
    }
  }
  assert.deepEqual([...Deno.readDirSync(`${machine.home}/empty`)], []);
});

Deno.test("tdauth export says why it cannot export", async () => {
  await using machine = await startMachine();
  const options = { env: machine.appEnv };
  const run = (...args: string[]) => machine.run(["export", ...args], options);
  assertError(
    await run("--format", "schwab-py"),
    3,
    /: there are no stored tokens$/,
    /^hint: log in: tdauth login$/,
  );
  await machine.signIn();
  assertError(await run(), 2, /: no format specified$/, /--format schwab-py, /);
  assertError(
    await run("--format", "schwabdev"),
    2,
    /: it is a database$/,
    /--output/,
  );
  assertError(
    await run("--format", "tda-api"),
    2,
    /: tda-api works with TD Ameritrade, and the tokens are from another broker$/,
  );
  const tokens = Deno.readTextFileSync(machine.tokenPath);
  assertError(
    await run("--format", "pytd", "--force", "--output", machine.tokenPath),
    2,
    /: tdauth stores its own tokens there$/,
  );
  assert.equal(Deno.readTextFileSync(machine.tokenPath), tokens);
  assertError(
    await run("--format", "pytd", "--output", "absent/file"),
    1,
    /: there is no such directory$/,
  );
});

Deno.test("tdauth export for Schwabdev 3 replaces another file only with --force", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const args = ["export", "--format", "schwabdev", "-o", "tokens.db"];
  const options = { env: machine.appEnv };
  const path = `${machine.cwd}/tokens.db`;
  for (const theirs of ["theirs", "{}\n".repeat(5000)]) {
    Deno.writeTextFileSync(path, theirs, { mode: 0o644 });
    assertError(
      await machine.run(args, options),
      2,
      /: it already exists$/,
      /--force$/,
    );
    assert.equal(Deno.readTextFileSync(path), theirs);
    const forced = await machine.run([...args, "--force"], options);
    assert.equal(forced.code, 0, forced.stderr);
    assert.equal(modeOf(path), 0o600);
    const bytes = Deno.readFileSync(path).subarray(0, 15);
    assert.equal(new TextDecoder().decode(bytes), "SQLite format 3");
  }
  Deno.writeTextFileSync(path, "SQLite format 3\0 and nonsense".repeat(999));
  for (const more of [[], ["--force"]]) {
    assertError(
      await machine.run([...args, ...more], options),
      1,
      /: (it is a damaged database, or one in use|the database is not writable)$/,
      /^hint: use another file$/,
    );
  }
});

Deno.test("tdauth export prints the tokens for --output -, and writes to no device", async () => {
  await using machine = await startMachine();
  const { refresh_token } = await machine.signIn();
  const args = ["export", "--format", "schwab-py", "-o"];
  const env = machine.appEnv;
  const printed = await machine.run([...args, "-"], { env, printsBoth: true });
  assert.deepEqual([printed.code, printed.stderr], [0, ""]);
  assert.ok(printed.stdout.includes(refresh_token.token));
  assertError(
    await machine.run(["export", "--format", "schwabdev", "-o", "-"], { env }),
    2,
    /: it is a database$/,
  );
  assert.deepEqual([...Deno.readDirSync(machine.cwd)], []);
  if (Deno.build.os === "windows") return;
  for (const device of ["/dev/stdout", "/dev/null"]) {
    for (const more of [[], ["--force"]]) {
      assertError(
        await machine.run([...args, device, ...more], { env }),
        2,
        new RegExp(`cannot write "${device}": it is a device or a pipe$`),
        /omit --output/,
      );
    }
  }
});

Deno.test("tdauth export --min-valid refreshes first when less than that is left, and otherwise nothing", async () => {
  await using machine = await startMachine();
  const { access_token: { token: old } } = await machine.signIn();
  machine.age("access_token", 1700); // 100 seconds are left
  const run = (...args: string[]) =>
    machine.run(["export", "--format", "token-answer", ...args], {
      env: machine.appEnv,
      printsBoth: true,
    });
  const tokenOf = async (...args: string[]) =>
    jsonOf(await run(...args))["access_token"];
  assert.equal(await tokenOf(), old);
  assert.equal(await tokenOf("--min-valid", "90s"), old);
  const asked = machine.sandbox.requests.length;
  const fresh = await tokenOf("--min-valid", "2m");
  assert.equal(fresh, machine.readTokens().access_token.token);
  assert.notEqual(fresh, old);
  assert.equal(machine.sandbox.requests.length, asked + 1);
  const short = await run("--min-valid", "2h");
  assert.match(short.stderr, /^note: the token is valid for 30 minutes, which/);
  machine.age("refresh_token", 8 * DAY);
  machine.age("access_token", 1801);
  assertError(
    await run("--min-valid", "1m"),
    3,
    /: the refresh token has expired$/,
  );
});

for (const format of ["token-answer", "dotenv", "refresh-token"]) {
  Deno.test(`tdauth export --format ${format} prints what tdauth import reads`, async () => {
    await using machine = await startMachine();
    const tokens = await machine.signIn();
    const text = await exported(machine, format);
    const elsewhere = { ...machine.appEnv, TD_CONFIG_DIR: `${machine.home}/b` };
    const { code, stderr } = await machine.run(["import", "-"], {
      env: elsewhere,
      stdin: text,
    });
    assert.equal(code, 0, stderr);
    const name = machine.tokenPath.split("/").at(-1);
    const other = machine.readTokens(`${machine.home}/b/${name}`);
    assert.equal(other.refresh_token.token, tokens.refresh_token.token);
    if (format === "refresh-token") {
      assert.equal(text, `${tokens.refresh_token.token}\n`);
      assert.equal(other.access_token, null);
      assert.equal(other.refresh_token.expires_in, 7 * DAY);
    } else assert.deepEqual(other.access_token, tokens.access_token);
  });
}

Deno.test("tdauth export says what kind of a file it wrote where that is no program's", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const { code, stderr } = await machine.run(
    ["export", "--format", "dotenv", "--output", "tokens.env"],
    { env: machine.appEnv },
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Exported the tokens .* default as a \.env file:$/m);
  assert.equal(modeOf(`${machine.cwd}/tokens.env`), 0o600);
});

Deno.test("tdauth export writes an access token without a refresh token in the formats that can hold it, and names these for others", async () => {
  await using machine = await startMachine();
  const env = {
    ...machine.appEnv,
    TD_SANDBOX: undefined,
    TD_PROVIDER: "github",
    TD_CONSUMER_KEY: "KEY",
    TD_CONSUMER_SECRET: undefined,
    TD_AUTHORIZATION_ENDPOINT: "https://github.example/authorize",
    TD_TOKEN_ENDPOINT: "https://github.example/token",
  };
  const imported = await machine.run(["import", "-"], {
    env,
    stdin: `access_token=CANARY-GH&scope=repo&token_type=bearer`,
  });
  assert.equal(imported.code, 0, imported.stderr);
  for (const format of ["pytd", "tdauth", "token-answer", "dotenv"]) {
    const { code, stdout, stderr } = await machine.run(
      ["export", "--format", format],
      { env, printsBoth: true },
    );
    assert.deepEqual([code, stderr], [0, ""], format);
    const back = await machine.run(["import", "-", "--profile", format], {
      env,
      stdin: stdout,
    });
    assert.equal(back.code, 0, back.stderr);
  }
  assertError(
    await machine.run(["export", "--format", "refresh-token"], { env }),
    2,
    /: there is no refresh token, and the format refresh-token needs one$/,
    /use --format pytd or --format tdauth or --format token-answer or --format dotenv$/,
  );
});
