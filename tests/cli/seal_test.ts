import assert from "node:assert/strict";
import { assertError, assertQuiet, jsonOf, modeOf } from "./asserts.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";
import {
  assertNothingInClear,
  bytes,
  configured,
  newKey,
  sealOf,
} from "./sealed.ts";
import { needsScript } from "./terminals.ts";

/** Runs a test with each kind of key that needs no keychain. */
const KINDS:
  readonly (readonly [string, () => Record<string, string>, RegExp])[] = [
    [
      "key",
      () => ({ TD_CACHE_KEY: newKey() }),
      /cannot open the sealed tokens: no key/,
    ],
    [
      "passphrase",
      () => ({ TD_CACHE_PASSPHRASE: "CANARY of five words" }),
      /cannot open the sealed tokens: no passphrase/,
    ],
  ];

/** A machine whose tokens are sealed. */
async function sealed(
  kind: string,
  env: Readonly<Record<string, string>>,
): Promise<Machine> {
  const machine = await startMachine();
  await configured(machine);
  for (const value of Object.values(env)) machine.secrets.add(value);
  const { code, stderr, stdout } = await machine.run(
    ["configure", "--seal", kind],
    { env },
  );
  assert.deepEqual([code, stdout], [0, ""], stderr);
  assert.match(stderr, /^Sealed\. The tokens of the profile default can be/);
  return machine;
}

for (const [kind, make, missing] of KINDS) {
  Deno.test(`tdauth configure --seal ${kind} leaves no token unencrypted, and every command works with the key`, async () => {
    const env = make();
    await using machine = await sealed(kind, env);
    const { access_token, refresh_token } =
      (await machine.signIn(), machine.readTokens());
    assertQuiet(await machine.run(["configure", "--seal", kind], { env }));
    assert.equal(sealOf(machine), kind);
    assert.equal(modeOf(machine.tokenPath), 0o600);
    assertNothingInClear(machine);
    assert.equal(machine.readConfig().profiles["default"]?.["seal"], kind);

    const prints = { env, printsToken: true };
    const token = await machine.run(["token"], prints);
    assert.equal(token.stdout, `${access_token.token}\n`, token.stderr);
    const header = await machine.run(["header"], prints);
    assert.equal(
      header.stdout,
      `Authorization: Bearer ${access_token.token}\n`,
    );
    const child = await machine.run([
      "exec",
      "--",
      "sh",
      "-c",
      'echo "$TD_ACCESS_TOKEN/$TD_CACHE_KEY$TD_CACHE_PASSPHRASE/"',
    ], prints);
    assert.equal(child.stdout, `${access_token.token}//\n`, child.stderr);
    const status = await machine.run(["status"], { env });
    assert.equal(status.code, 0, status.stderr);
    assert.match(
      status.stdout,
      /sealed by (a passphrase|the key in TD_CACHE_KEY)\n/,
    );
    assert.equal(
      jsonOf(await machine.run(["status", "--json"], { env }))["sealed"],
      kind,
    );
    const doctor = await machine.run(["doctor", "--offline"], { env });
    assert.match(doctor.stdout, /ok +seal +sealed by/);
    assert.match(doctor.stdout, /ok +access token +valid for/);
    const exported = await machine.run(
      ["export", "--format", "tdauth", "--output", `${machine.cwd}/out`],
      { env },
    );
    assert.equal(exported.code, 0, exported.stderr);
    assert.ok(
      Deno.readTextFileSync(`${machine.cwd}/out`).includes(refresh_token.token),
    );
    assertNothingInClear(machine);

    assertQuiet(await machine.run(["refresh"], { env }));
    const fresh = (await machine.run(["token", "--json"], prints)).stdout;
    const { access_token: newer } = JSON.parse(fresh);
    assert.notEqual(newer, access_token.token);
    assertNothingInClear(machine, newer);

    assertQuiet(
      await machine.run(["import", `${machine.cwd}/out`, "--force"], { env }),
    );
    assertNothingInClear(machine, newer);
    assertQuiet(await machine.run(["login", "--browser", APPROVE], { env }));
    assert.equal(sealOf(machine), kind);
    assert.equal(machine.readConfig().profiles["default"]?.["seal"], kind);
    assertNothingInClear(machine, newer);
    assertQuiet(await machine.run(["logout", "--all"], { env }));
    assertQuiet(await machine.run(["login", "--browser", APPROVE], { env }));
    assert.equal(sealOf(machine), kind, "a login seals from the first write");
    assertNothingInClear(machine, newer);
  });

  Deno.test(`tdauth without the ${kind} exits with 1, sends nothing and leaves sealed tokens as they are`, async () => {
    await using machine = await sealed(kind, make());
    const before = bytes(machine);
    const asked = machine.sandbox.requests.length;
    for (
      const command of [
        ["token"],
        ["header"],
        ["exec", "--", "true"],
        ["status"],
        ["refresh"],
        ["export", "--format", "tdauth"],
        ["login", "--browser", APPROVE],
        ["unseal"],
        ["configure", "--seal", "keychain"],
      ]
    ) {
      assertError(await machine.run(command), 1, missing);
    }
    assert.deepEqual(bytes(machine), before);
    assert.equal(machine.sandbox.requests.length, asked);
    const { stdout, code } = await machine.run(["doctor", "--offline"]);
    assert.match(stdout, /sealed by/);
    assert.equal(code, kind === "passphrase" ? 0 : 1);
    assert.deepEqual(bytes(machine), before);
  });

  Deno.test(`tdauth with the wrong ${kind} exits with 1 and leaves sealed tokens as they are`, async () => {
    await using machine = await sealed(kind, make());
    const before = bytes(machine);
    const env = { TD_CACHE_KEY: newKey(), TD_CACHE_PASSPHRASE: "another one" };
    for (
      const command of [["token"], ["login", "--browser", APPROVE], ["unseal"]]
    ) {
      assertError(
        await machine.run(command, { env }),
        1,
        /wrong key, or the file was changed/,
        /^hint: use the right key/,
      );
    }
    assert.deepEqual(bytes(machine), before);
  });

  Deno.test(`tdauth unseal restores tokens that were sealed with a ${kind}, and says so twice`, async () => {
    const env = make();
    await using machine = await sealed(kind, env);
    assert.match(
      (await machine.run(["unseal"], { env })).stderr,
      /^Unsealed\. /,
    );
    const again = await machine.run(["unseal"]);
    assert.deepEqual([again.code, again.stdout], [0, ""]);
    assert.match(again.stderr, /are not sealed/);
    assert.equal(sealOf(machine), undefined);
    assert.equal(machine.readConfig().profiles["default"]?.["seal"], undefined);
    const { access_token: { token } } = machine.readTokens();
    const printed = await machine.run(["token"], { printsToken: true });
    assert.equal(printed.stdout, `${token}\n`);
  });
}

Deno.test("tdauth finds one changed bit of sealed tokens, exits with 1 and leaves the file as it is", async () => {
  const env = { TD_CACHE_KEY: newKey() };
  await using machine = await sealed("key", env);
  const whole = bytes(machine);
  for (let tries = 0; tries < 12; tries++) {
    const changed = whole.slice();
    const bit = Math.floor((tries + 0.5) / 12 * whole.length * 8);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    Deno.writeFileSync(machine.tokenPath, changed);
    assertError(
      await machine.run(["token"], { env }),
      1,
      /cannot open the sealed tokens|they are sealed with/,
    );
    assert.deepEqual(bytes(machine), changed);
  }
  const names = [...Deno.readDirSync(machine.configDir)].map(({ name }) =>
    name
  );
  assert.ok(!names.some((name) => name.includes("corrupt")), names.join());
});

Deno.test("tdauth configure --seal changes from one kind of key to another and keeps the tokens", async () => {
  const env = {
    TD_CACHE_KEY: newKey(),
    TD_CACHE_PASSPHRASE: "CANARY of five words",
  };
  await using machine = await startMachine();
  await configured(machine);
  const { access_token: { token } } = machine.readTokens();
  for (const kind of ["key", "key", "passphrase", "key"]) {
    const json = jsonOf(
      await machine.run(["configure", "--seal", kind, "--json"], { env }),
    );
    assert.deepEqual(json, {
      profile: "default",
      seal: kind,
      config: `${machine.configDir}/config.json`,
    });
    assert.equal(sealOf(machine), kind);
    assertNothingInClear(machine);
    const printed = await machine.run(["token"], { env, printsToken: true });
    assert.equal(printed.stdout, `${token}\n`);
  }
});

Deno.test("tdauth configure --seal removes other programs' keys and damaged copies, which are unencrypted", async () => {
  await using machine = await startMachine();
  await configured(machine);
  const file = machine.readTokens();
  Deno.writeTextFileSync(
    machine.tokenPath,
    JSON.stringify({ ...file, id_token: "CANARY-id" }),
  );
  const copy = `${machine.tokenPath}.corrupt-2026-11-01T00-00-00-000Z-0a1b2c3d`;
  Deno.writeTextFileSync(copy, `{"token":"CANARY-copy"`);
  const left = `${machine.configDir}/.x.${"0".repeat(32)}.tdauth.tmp`;
  Deno.writeTextFileSync(left, "CANARY-left");
  const env = { TD_CACHE_KEY: newKey() };
  const { stderr } = await machine.run(["configure", "--seal", "key"], { env });
  assert.match(
    stderr,
    /Removed .*corrupt-2026.*, a damaged, unencrypted copy/,
  );
  assertNothingInClear(machine, "CANARY-id", "CANARY-copy", "CANARY-left");
});

Deno.test("tdauth keeps tokens sealed whatever the environment, .env and the commands say", async () => {
  const env = { TD_CACHE_KEY: newKey() };
  await using machine = await sealed("key", env);
  Deno.writeTextFileSync(
    `${machine.cwd}/.env`,
    `TD_SEAL=\nTD_CACHE_SEAL=none\nTD_CACHE_KEY=${newKey()}\n`,
  );
  assertQuiet(
    await machine.run(["refresh"], {
      env: {
        ...env,
        TD_SEAL: "",
        TD_CACHE_SEAL: "none",
        TD_STORE_TOKENS: "True",
      },
    }),
  );
  assert.equal(sealOf(machine), "key");
  assertError(
    await machine.run(["token"]),
    2,
    /cannot take TD_CACHE_KEY from \.env: .* the key of sealed tokens$/,
  );
  const doctor = await machine.run(["doctor", "--offline"], { env });
  assert.match(doctor.stdout, /TD_CACHE_KEY in \.env is ignored/);
  // The settings are gone, or of another app: what is sealed stays so.
  Deno.removeSync(`${machine.cwd}/.env`);
  Deno.removeSync(`${machine.configDir}/config.json`);
  assertQuiet(
    await machine.run(["refresh"], { env: { ...env, ...machine.appEnv } }),
  );
  assert.equal(sealOf(machine), "key");
  assertNothingInClear(machine);
});

Deno.test("tdauth seals the tokens of another app in a profile that seals", async () => {
  await using machine = await startMachine();
  const env = { TD_CACHE_KEY: newKey(), ...machine.appEnv };
  machine.writeConfig({ default: { consumerKey: "OTHERAPP", seal: "key" } });
  assertQuiet(await machine.run(["login", "--browser", APPROVE], { env }));
  assert.equal(sealOf(machine), "key");
});

Deno.test("tdauth login asks for no login when there is no key to seal with", async () => {
  await using machine = await startMachine();
  await configured(machine, { seal: "key" });
  Deno.removeSync(machine.tokenPath);
  const asked = machine.sandbox.requests.length;
  assertError(
    await machine.run(["login", "--browser", APPROVE]),
    1,
    /cannot open the sealed tokens: no key/,
  );
  assert.equal(machine.sandbox.requests.length, asked);
});

Deno.test("tdauth rejects unencrypted tokens that are put in the place of sealed ones, leaves them as they are, and takes them in when it is told to", async () => {
  const env = { TD_CACHE_KEY: newKey() };
  await using machine = await sealed("key", env);
  await machine.signIn(); // writes a file in clear
  const forged = bytes(machine);
  const { access_token: { token } } = machine.readTokens();
  const asked = machine.sandbox.requests.length;
  for (const given of [{}, env]) {
    for (
      const command of [
        ["token"],
        ["header"],
        ["exec", "--", "true"],
        ["status"],
        ["refresh"],
        ["export", "--format", "tdauth"],
        ["login", "--browser", APPROVE],
        ["import", machine.tokenPath, "--force"],
      ]
    ) {
      assertError(
        await machine.run(command, { env: given }),
        1,
        /they are unencrypted, but this profile's tokens are sealed/,
        /^hint: .*tdauth configure --seal key; if not, tdauth logout/,
      );
    }
  }
  assert.deepEqual(bytes(machine), forged);
  assert.equal(machine.sandbox.requests.length, asked);
  const doctor = await machine.run(["doctor", "--offline"], { env });
  assert.match(doctor.stdout, /failed +seal +the tokens are unencrypted/);

  assertQuiet(await machine.run(["configure", "--seal", "key"], { env }));
  assert.equal(sealOf(machine), "key");
  const printed = await machine.run(["token"], { env, printsToken: true });
  assert.equal(printed.stdout, `${token}\n`);
  Deno.writeFileSync(machine.tokenPath, forged);
  assert.equal((await machine.run(["logout"], { env })).code, 1);
  assertNothingInClear(machine);
  assertQuiet(await machine.run(["login", "--browser", APPROVE], { env }));
  assert.equal(sealOf(machine), "key");
});

Deno.test("tdauth unseal accepts unencrypted tokens that a sealing profile rejects", async () => {
  await using machine = await startMachine();
  await configured(machine, { seal: "key" });
  const { access_token: { token } } = machine.readTokens();
  assertError(await machine.run(["token"]), 1, /they are unencrypted/);
  assertQuiet(await machine.run(["unseal"]));
  const printed = await machine.run(["token"], { printsToken: true });
  assert.equal(printed.stdout, `${token}\n`);
});

Deno.test("tdauth opens no sealed tokens of another profile with the same key and app", async () => {
  const env = { TD_CACHE_KEY: newKey() };
  await using machine = await sealed("key", env);
  const { default: settings = {} } = machine.readConfig().profiles;
  machine.writeConfig({ default: settings, other: settings });
  const paths = [machine.tokenPath];
  const other = ["--profile", "other"];
  assertQuiet(
    await machine.run(["login", "--browser", APPROVE, ...other], { env }),
  );
  for (const { name } of Deno.readDirSync(machine.configDir)) {
    const path = `${machine.configDir}/${name}`;
    if (name.includes("other") && !name.includes("lock")) paths.push(path);
  }
  const [mine = "", theirs = "", ...more] = paths;
  assert.deepEqual(more, []);
  Deno.copyFileSync(theirs, mine);
  assertError(await machine.run(["token"], { env }), 1, /wrong key/);
});

Deno.test("tdauth configure --seal key reseals immediately when TD_CACHE_KEY has a new key before the old one", async () => {
  const [older, newer] = [newKey(), newKey()];
  await using machine = await sealed("key", { TD_CACHE_KEY: older });
  const before = bytes(machine);
  const seal = (keys: string) =>
    machine.run(["configure", "--seal", "key"], {
      env: { TD_CACHE_KEY: keys },
    });
  assert.match((await seal(`${older} ${newer}`)).stderr, /sealed .* already/);
  assert.deepEqual(bytes(machine), before);
  assert.match((await seal(`${newer},${older}`)).stderr, /^Sealed\./);
  for (const [key, code] of [[newer, 0], [older, 1]] as const) {
    const env = { TD_CACHE_KEY: key };
    const result = await machine.run(["token"], { env, printsToken: true });
    assert.equal(result.code, code, result.stderr);
  }
});

Deno.test("tdauth configure --seal says that the token file is a hard link, and changes nothing", async () => {
  const env = { TD_CACHE_KEY: newKey() };
  await using machine = await startMachine();
  await configured(machine);
  const elsewhere = `${machine.home}/elsewhere`;
  Deno.linkSync(machine.tokenPath, elsewhere);
  const before = bytes(machine);
  const config = machine.readConfig();
  const seal = () => machine.run(["configure", "--seal", "key"], { env });
  assertError(await seal(), 1, /has 2 names/, /-samefile/);
  assert.deepEqual(bytes(machine), before);
  assert.deepEqual(machine.readConfig(), config);
  Deno.removeSync(elsewhere);
  assertQuiet(await seal());
  assertNothingInClear(machine);
});

Deno.test("tdauth configure --seal seals the tokens where a link leads, and leaves none unencrypted", async () => {
  const env = { TD_CACHE_KEY: newKey() };
  await using machine = await startMachine();
  await configured(machine);
  const elsewhere = `${machine.home}/elsewhere`;
  Deno.renameSync(machine.tokenPath, elsewhere);
  Deno.symlinkSync(elsewhere, machine.tokenPath);
  assertQuiet(await machine.run(["configure", "--seal", "key"], { env }));
  assert.ok(Deno.lstatSync(machine.tokenPath).isSymlink);
  assert.match(Deno.readTextFileSync(elsewhere), /tdauth-sealed/);
  assertNothingInClear(machine);
  const token = await machine.run(["token"], { env, printsToken: true });
  assert.equal(token.code, 0, token.stderr);
});

Deno.test("tdauth logout deletes sealed tokens without their key, and says that they were not revoked", async () => {
  await using machine = await sealed("key", { TD_CACHE_KEY: newKey() });
  const result = await machine.run(["logout"]);
  assert.equal(result.code, 1);
  assert.match(result.stderr, /^Logged out on this machine only/);
  assert.match(result.stderr, /cannot open the sealed tokens: no key/);
  assert.equal(sealOf(machine), undefined);
  assertNothingInClear(machine);
});

for (
  const [args, env, code, why] of [
    [["--seal", "magic"], {}, 2, /"magic" is not a kind of key/],
    [["--seal", "key"], {}, 1, /cannot open the sealed tokens: no key/],
    [["--seal", "key"], { TD_CACHE_KEY: "CANARY" }, 2, /not 32 bytes/],
    [
      ["--seal", "passphrase"],
      {},
      1,
      /cannot open the sealed tokens: no passphrase/,
    ],
    [
      ["--seal", "passphrase"],
      { TD_CACHE_PASSPHRASE: "short" },
      2,
      /shorter than 8/,
    ],
    [
      ["--seal", "key"],
      {
        TD_CACHE_KEY: newKey(),
        TD_STORE_TOKENS: "False",
      },
      2,
      /no tokens are stored/,
    ],
  ] as const
) {
  Deno.test(`tdauth configure ${args.join(" ")} with ${JSON.stringify(Object.keys(env))} exits with ${code} and changes nothing`, async () => {
    await using machine = await startMachine();
    await configured(machine);
    const before = bytes(machine);
    const config = machine.readConfig();
    assertError(await machine.run(["configure", ...args], { env }), code, why);
    assert.deepEqual(bytes(machine), before);
    assert.deepEqual(machine.readConfig(), config);
  });
}

Deno.test("tdauth exits with 2 when config.json names an unknown seal", async () => {
  await using machine = await startMachine();
  await configured(machine, { seal: "none" });
  assertError(
    await machine.run(["status"]),
    2,
    /cannot use "none" as "seal" in config\.json/,
  );
});

Deno.test(
  needsScript(
    "tdauth asks for the passphrase in a terminal, a new one twice, and never shows it",
  ),
  async () => {
    await using machine = await startMachine();
    await configured(machine);
    const passphrase = "CANARY of five words";
    machine.secrets.add(passphrase);
    const { access_token: { token } } = machine.readTokens();
    const options = { terminal: true, env: { TERM: "xterm" } };
    const seal = machine.start(["configure", "--seal", "passphrase"], options);
    await seal.sees(/New passphrase.*\?/, "stdout");
    await seal.write(`${passphrase}\r`);
    await seal.sees(/Repeat the passphrase \(hidden\)\?/, "stdout");
    await seal.write("something else\r");
    await seal.sees(/do not match[^]*New passphrase.*\?/, "stdout");
    // Both at once, as from a password manager's paste.
    await seal.write(`${passphrase}\r${passphrase}\r`);
    const { code, stdout } = await seal.result;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Sealed\./);
    assert.equal(sealOf(machine), "passphrase");
    assertNothingInClear(machine, passphrase);

    const right = machine.start(["token"], { ...options, printsToken: true });
    await right.sees(/Passphrase for the tokens/, "stdout");
    await right.write(`${passphrase}\r`);
    assert.ok((await right.result).stdout.includes(token));
    const slip = machine.start(["token"], { ...options, printsToken: true });
    await slip.sees(/Passphrase for the tokens/, "stdout");
    await slip.write("a wrong passphrase\r");
    await slip.sees(/wrong passphrase[^]*Passphrase for the tokens/, "stdout");
    await slip.write(`${passphrase}\r`);
    assert.ok((await slip.result).stdout.includes(token));
    const wrong = machine.start(["token"], options);
    await wrong.sees(/Passphrase for the tokens/, "stdout");
    await wrong.write("a wrong passphrase\r".repeat(3));
    const ended = await wrong.result;
    assert.equal(ended.stdout.match(/Passphrase for the tokens/g)?.length, 3);
    assert.equal(ended.code, 1);
    assert.match(ended.stdout, /wrong key/);
  },
);

Deno.test(
  needsScript(
    "tdauth shows nothing of a passphrase that is typed ahead while the last one is tried",
  ),
  async () => {
    const passphrase = "CANARY of five words";
    await using machine = await sealed("passphrase", {
      TD_CACHE_PASSPHRASE: passphrase,
    });
    const options = { terminal: true, env: { TERM: "xterm" } };
    const question = /Passphrase for the tokens/g;
    let inTime = false;
    for (let tries = 0; !inTime; tries++) {
      assert.ok(tries < 10, "it was never typed before the next question");
      const ahead = machine.start(["status"], options);
      await ahead.sees(/Passphrase for the tokens/, "stdout");
      await ahead.write("a wrong passphrase\r");
      await ahead.sees(/\(hidden\)\?\s*\n/, "stdout"); // it is tried now
      await ahead.write(`${passphrase}\r`);
      inTime = ahead.stdout.match(question)?.length === 1;
      const { code, stdout } = await ahead.result;
      assert.equal(code, 0, stdout);
      assert.equal(stdout.match(question)?.length, 2);
      assert.ok(!stdout.includes(passphrase), stdout);
    }
  },
);

for (
  const [how, typed, code, questions] of [
    ["the passphrase was right", ["CANARY of five words\r"], 0, 1],
    ["it was wrong three times", ["wrong one\r", "two\r", "three\r"], 1, 3],
    ["Ctrl-C came at the question", ["CANARY\x03"], 4, 1],
    // Which ends it at the next question.
    ["Ctrl-C came while it was tried", ["wrong one\r", "\x03"], 4, 2],
  ] as const
) {
  Deno.test(
    needsScript(
      `tdauth restores the terminal after a hidden question when ${how}`,
    ),
    async () => {
      await using machine = await sealed("passphrase", {
        TD_CACHE_PASSPHRASE: "CANARY of five words",
      });
      // Whatever it runs has the terminal as it was, and so has the shell after it.
      const type = async () => {
        const running = machine.start(["exec", "--", "stty", "-a"], {
          terminal: true,
          env: { TERM: "xterm" },
          under: 'trap : INT; "$@"; echo "ended with $?"; stty -a',
        });
        await running.sees(/Passphrase for the tokens/, "stdout");
        for (const [at, keys] of typed.entries()) {
          await running.write(keys);
          inTime = asked(running.stdout) === Math.max(1, at);
          const next = `(?:\\(hidden\\)\\?\\s*\\n[^]*){${at + 1}}`;
          await running.sees(new RegExp(`${next}|ended with`), "stdout");
        }
        return (await running.result).stdout;
      };
      const asked = (stdout: string) =>
        stdout.match(/Passphrase for the tokens/g)?.length;
      // Each answer but the first is typed while the one before is tried.
      let inTime = false;
      let stdout = await type();
      for (let tries = 1; !inTime && tries < 10; tries++) stdout = await type();
      assert.ok(inTime, "it was never typed before the next question");
      assert.equal(asked(stdout), questions, stdout);
      assert.match(stdout, new RegExp(`ended with ${code}\r?\n`), stdout);
      const looks = code === 0 ? 2 : 1;
      assert.equal(stdout.match(/ icanon /g)?.length, looks, stdout);
      assert.equal(stdout.match(/ echo /g)?.length, looks, stdout);
    },
  );
}

Deno.test(
  needsScript(
    "tdauth login asks for the passphrase in a terminal before the browser opens, and accepts a pasted URL after it",
  ),
  async () => {
    await using machine = await startMachine();
    await configured(machine, { seal: "passphrase" });
    Deno.removeSync(machine.tokenPath);
    const passphrase = "CANARY of five words";
    machine.secrets.add(passphrase);
    const options = { terminal: true, env: { TERM: "xterm" } };
    const first = machine.start(["login", "--browser", APPROVE], options);
    await first.sees(/New passphrase.*\?/, "stdout");
    assert.ok(!first.stdout.includes("/v1/oauth/authorize"));
    await first.write(`${passphrase}\r`);
    await first.sees(/Repeat the passphrase \(hidden\)\?/, "stdout");
    await first.write(`${passphrase}\r`);
    const { code, stdout } = await first.result;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /Logged in/);
    assert.equal(sealOf(machine), "passphrase");

    const second = machine.start(["login", "--no-browser"], options);
    await second.sees(/Passphrase for the tokens/, "stdout");
    await second.write(`${passphrase}\r`);
    const [page = ""] = await second.sees(/http\S+authorize\?\S+/, "stdout");
    await second.write(`${await machine.sandbox.approveAndCopy(page)}\r`);
    const ended = await second.result;
    assert.equal(ended.code, 0, ended.stdout);
    assert.equal(ended.stdout.match(/Passphrase for the tokens/g)?.length, 1);
    assert.equal(sealOf(machine), "passphrase");
    assertNothingInClear(machine, passphrase);
  },
);
