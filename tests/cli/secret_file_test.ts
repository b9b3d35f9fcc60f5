/** The app's secret from a file, and from systemd's credentials. */
import assert from "node:assert/strict";
import { only } from "../support.ts";
import { assertError } from "./asserts.ts";
import { assertLine, examined, lineOf } from "./doctor.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";
import { AS_USER_BESIDE_ROOT, owning } from "../mounts.ts";

/** A machine whose broker needs the app's secret, which is in a file alone. */
async function machineWith(text?: (secret: string) => string) {
  const machine = await startMachine();
  await machine.signIn();
  const { TD_CONSUMER_SECRET: secret = "", ...appEnv } = machine.appEnv;
  const path = `${machine.home}/secret`;
  Deno.writeTextFileSync(path, text?.(secret) ?? secret, { mode: 0o600 });
  return { machine, secret, appEnv, path };
}

/** The refresh needs the secret: only its app gets an answer. */
const refresh = (
  machine: Machine,
  env: Readonly<Record<string, string>>,
  under?: string,
) => machine.run(["refresh"], { env, ...(under !== undefined && { under }) });

for (
  const [what, text] of [
    ["as it is", (secret: string) => secret],
    ["without one newline", (secret: string) => `${secret}\n`],
    ["without one newline of Windows", (secret: string) => `${secret}\r\n`],
  ] as const
) {
  Deno.test(`tdauth reads the app's secret from TD_CONSUMER_SECRET_FILE ${what}`, async () => {
    const { machine, appEnv, path } = await machineWith(text);
    await using _machine = machine;
    const { code, stderr } = await refresh(machine, {
      ...appEnv,
      TD_CONSUMER_SECRET_FILE: path,
    });
    assert.equal(code, 0, stderr);
  });
}

Deno.test(
  only("Unix", "tdauth reads the app's secret through Kubernetes' ..data link"),
  async () => {
    const { machine, appEnv, secret } = await machineWith();
    await using _machine = machine;
    const volume = `${machine.home}/volume`;
    Deno.mkdirSync(`${volume}/..2026_11_30`, { recursive: true });
    const file = `${volume}/..2026_11_30/secret`;
    Deno.writeTextFileSync(file, secret, { mode: 0o400 });
    Deno.symlinkSync("..2026_11_30", `${volume}/..data`);
    Deno.symlinkSync("..data/secret", `${volume}/secret`);
    const { code, stderr } = await refresh(machine, {
      ...appEnv,
      TD_CONSUMER_SECRET_FILE: `${volume}/secret`,
    });
    assert.equal(code, 0, stderr);
  },
);

Deno.test("tdauth reads the app's secret from systemd's credential tdauth-consumer-secret, unless a variable is set", async () => {
  const { machine, appEnv, secret, path } = await machineWith();
  await using _machine = machine;
  const CREDENTIALS_DIRECTORY = `${machine.home}/credentials`;
  Deno.mkdirSync(CREDENTIALS_DIRECTORY);
  // A unit with other credentials.
  const without = await machine.run(["status", "--json"], {
    env: { ...appEnv, CREDENTIALS_DIRECTORY },
  });
  assert.equal(without.code, 0, without.stderr);
  const credential = `${CREDENTIALS_DIRECTORY}/tdauth-consumer-secret`;
  Deno.writeTextFileSync(credential, secret, { mode: 0o400 });
  const env = { ...appEnv, CREDENTIALS_DIRECTORY };
  assert.equal((await refresh(machine, env)).code, 0);
  Deno.chmodSync(credential, 0o600);
  Deno.writeTextFileSync(credential, "ANOTHER-APPS");
  machine.secrets.add("ANOTHER-APPS");
  assert.notEqual((await refresh(machine, env)).code, 0, "it was read");
  for (
    const more of [
      { TD_CONSUMER_SECRET: secret },
      { TD_CONSUMER_SECRET_FILE: path },
    ]
  ) {
    const { code, stderr } = await refresh(machine, { ...env, ...more });
    assert.equal(code, 0, stderr);
  }
});

Deno.test("tdauth exits with 2 when a secret and a file of one are both set, and takes the one of the environment before those of .env and config.json", async () => {
  const { machine, appEnv, path, secret } = await machineWith();
  await using _machine = machine;
  const env = { ...appEnv, TD_CONSUMER_SECRET_FILE: path };
  for (const line of ["token", "status", "refresh", "login"]) {
    assertError(
      await machine.run([line], {
        env: { ...env, TD_CONSUMER_SECRET: secret },
      }),
      2,
      /TD_CONSUMER_SECRET and TD_CONSUMER_SECRET_FILE are both set/,
      /remove one/,
    );
  }
  machine.secrets.add("OF-DOTENV");
  Deno.writeTextFileSync(
    `${machine.cwd}/.env`,
    "TD_CONSUMER_SECRET=OF-DOTENV\n",
  );
  machine.writeConfig({
    default: {
      consumerKey: appEnv["TD_CONSUMER_KEY"] ?? "",
      consumerSecret: "OF-CONFIG",
    },
  });
  const { code, stderr } = await refresh(machine, env);
  assert.equal(code, 0, stderr);
});

Deno.test("tdauth takes no file of the secret from .env, nor systemd's directory", async () => {
  const { machine, appEnv, path } = await machineWith();
  await using _machine = machine;
  const dotenv = `${machine.cwd}/.env`;
  Deno.writeTextFileSync(dotenv, `TD_CONSUMER_SECRET_FILE=${path}\n`);
  assertError(
    await machine.run(["token"], { env: appEnv }),
    2,
    /cannot take TD_CONSUMER_SECRET_FILE from \.env: .* may not choose a file of secrets$/,
    /set TD_CONSUMER_SECRET_FILE in the environment/,
  );
  Deno.renameSync(path, `${machine.home}/tdauth-consumer-secret`);
  Deno.writeTextFileSync(dotenv, `CREDENTIALS_DIRECTORY=${machine.home}\n`);
  const { settings } = await secretOf(machine, appEnv);
  assert.ok(!settings.some(({ what }) => /\(file\)/.test(what)));
});

/** What doctor says of settings. */
async function secretOf(
  machine: Machine,
  env: Readonly<Record<string, string>>,
) {
  const settings = await examined(machine, ["--offline"], {
    env: { TD_CONSUMER_SECRET: undefined, ...env },
  });
  return { settings };
}

Deno.test("tdauth doctor says that the secret is from a file, and shows the file and not the secret", async () => {
  const { machine, appEnv, path } = await machineWith();
  await using _machine = machine;
  const { settings } = await secretOf(machine, {
    ...appEnv,
    TD_CONSUMER_SECRET_FILE: path,
  });
  assertLine(settings, "secret", "ok", /^set, not shown \(file\)$/);
  assert.equal(
    lineOf(settings, "consumer_secret_file").what,
    `${path} (environment)`,
  );
});

Deno.test("tdauth login and tdauth configure copy no secret from its file into config.json", async () => {
  const { machine, appEnv, path, secret } = await machineWith();
  await using _machine = machine;
  const env = { ...appEnv, TD_CONSUMER_SECRET_FILE: path };
  const configured = await machine.run(["configure"], { env });
  assert.equal(configured.code, 0, configured.stderr);
  const login = await machine.run(["login", "--browser", APPROVE], { env });
  assert.equal(login.code, 0, login.stderr);
  const config = Deno.readTextFileSync(`${machine.configDir}/config.json`);
  assert.match(config, /PROCESS-TEST-APP/);
  assert.ok(!config.includes(secret));
});

Deno.test("tdauth logout --all sends no secret of a file to the brokers of other apps", async () => {
  const { machine, appEnv, path, secret } = await machineWith();
  await using _machine = machine;
  Deno.copyFileSync(path, `${machine.home}/tdauth-consumer-secret`);
  const asked: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const [, basic = ""] = /^Basic (.*)$/.exec(
        request.headers.get("authorization") ?? "",
      ) ?? [];
      asked.push(`${atob(basic)} ${await request.text()}`);
      return new Response();
    },
  );
  const host = `127.0.0.1:${server.addr.port}`;
  await machine.signIn("other.OTHER-APP");
  machine.writeConfig({
    other: {
      consumerKey: "OTHER-APP",
      provider: "acme",
      callbackUrl: appEnv["TD_CALLBACK_URL"] ?? "",
      authorizationEndpoint: `http://${host}/authorize`,
      tokenEndpoint: `http://${host}/token`,
      revocationEndpoint: `http://${host}/revoke`,
    },
  });
  for (
    const env of [
      { TD_CONSUMER_SECRET_FILE: path },
      { CREDENTIALS_DIRECTORY: machine.home },
    ]
  ) {
    await machine.signIn("other.OTHER-APP");
    const before = asked.length;
    const file = `${machine.configDir}/other.OTHER-APP`;
    const provider = `acme@${host}`;
    Deno.writeTextFileSync(
      file,
      JSON.stringify({ ...machine.readTokens(file), provider }),
    );
    await machine.run(["logout", "--all"], { env });
    assert.ok(asked.length > before, "it was revoked");
  }
  assert.ok(asked.every((text) => text.includes("OTHER-APP")), `${asked}`);
  assert.ok(!asked.some((text) => text.includes(secret)));
});

for (
  const [what, spoil, why, hint] of [
    [
      "is missing",
      (path: string) => Deno.removeSync(path),
      /it does not exist/,
      /write the secret/,
    ],
    [
      "is empty",
      (path: string) => Deno.writeTextFileSync(path, "\n"),
      /it is empty/,
      /write the secret/,
    ],
    [
      "is a directory",
      (path: string) => {
        Deno.removeSync(path);
        Deno.mkdirSync(path);
      },
      /it is a directory/,
      /write the secret/,
    ],
    [
      "is a pipe",
      (path: string) => {
        Deno.removeSync(path);
        new Deno.Command("mkfifo", { args: [path] }).outputSync();
      },
      /it is a pipe or a device/,
      /write the secret/,
    ],
    [
      "is a device",
      (path: string) => {
        Deno.removeSync(path);
        Deno.symlinkSync("/dev/zero", path);
      },
      /it is a pipe or a device/,
      /write the secret/,
    ],
    [
      "is longer than 64 KiB",
      (path: string) => Deno.writeTextFileSync(path, "x".repeat(65_537)),
      /it is larger than 64 KiB/,
      /64 KiB/,
    ],
    [
      "has two newlines at its end",
      (path: string) => Deno.writeTextFileSync(path, "SECRET\n\n"),
      /contains control characters/,
      /remove them/,
    ],
    [
      "is no text",
      (path: string) =>
        Deno.writeFileSync(path, new Uint8Array([0xff, 0xfe, 0xff])),
      /it is not text/,
      /write the secret/,
    ],
    [
      "can be written by others",
      (path: string) => Deno.chmodSync(path, 0o620),
      /others can write it/,
      /^hint: chmod 600 '/,
    ],
  ] as const
) {
  Deno.test(
    only(
      "Unix",
      `tdauth exits with 2 when the file of the secret ${what}, at once`,
    ),
    async () => {
      const { machine, appEnv, path } = await machineWith();
      await using _machine = machine;
      spoil(path);
      assertError(
        await machine.run(["status"], {
          env: { ...appEnv, TD_CONSUMER_SECRET_FILE: path },
          killAfter: 60_000,
        }),
        2,
        why,
        hint,
      );
    },
  );
}

for (
  const [what, mode, owner, expected] of [
    ["root's, and everyone's to read", 0o444, "root", 0],
    ["root's, and its group's to write", 0o664, "root", /others can write it/],
    ["the user's own", 0o400, "user", 0],
    [
      "the user's own, and others' to read",
      0o644,
      "user",
      /others can read it/,
    ],
    ["another user's", 0o444, "other", /it belongs to another user/],
  ] as const
) {
  Deno.test(
    owning(
      `tdauth as user 1000 ${
        expected === 0 ? "reads" : "refuses"
      } a file of the secret that is ${what}`,
    ),
    async () => {
      const { machine, appEnv, path } = await machineWith();
      await using _machine = machine;
      Deno.chmodSync(path, mode);
      const id = { root: 100_000, user: 0, other: 12_345 }[owner];
      Deno.chownSync(path, id, id);
      const result = await refresh(
        machine,
        { ...appEnv, TD_CONSUMER_SECRET_FILE: path },
        AS_USER_BESIDE_ROOT,
      );
      if (expected === 0) assert.equal(result.code, 0, result.stderr);
      else assertError(result, 2, expected);
    },
  );
}
