/** Directories and files that a container mounts, as user 1000. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import {
  AS_USER,
  AS_USER_BESIDE_ROOT,
  mounted,
  mounting,
  owning,
} from "../mounts.ts";
import { assertError } from "./asserts.ts";
import { assertLine } from "./doctor.ts";
import { APPROVE, type Machine, startMachine } from "./machine.ts";

/** The user that is root where {@linkcode AS_USER_BESIDE_ROOT} runs. */
const ROOT = 100_000;

/** The app as `config.json` holds it. */
function profile({ appEnv }: Machine): Record<string, string> {
  return {
    provider: appEnv["TD_PROVIDER"] ?? "",
    consumerKey: appEnv["TD_CONSUMER_KEY"] ?? "",
    sandbox: appEnv["TD_SANDBOX"] ?? "",
    callbackUrl: appEnv["TD_CALLBACK_URL"] ?? "",
  };
}

/** Makes a directory as Kubernetes mounts a secret, root's and with everything behind links. */
function mountSecret(path: string, name: string, text: string): void {
  const data = `${path}/..2026_11_30_00_00_00`;
  Deno.mkdirSync(data, { recursive: true });
  Deno.writeTextFileSync(`${data}/${name}`, text);
  Deno.chmodSync(`${data}/${name}`, 0o644);
  Deno.symlinkSync("..2026_11_30_00_00_00", `${path}/..data`);
  Deno.symlinkSync(`..data/${name}`, `${path}/${name}`);
  Deno.chmodSync(path, 0o755);
  for (const one of [path, data, `${data}/${name}`]) {
    Deno.chownSync(one, ROOT, ROOT);
  }
}

const names = (path: string) =>
  [...Deno.readDirSync(path)].map(({ name }) => name)
    .filter((name) => !name.endsWith(".lock")).sort();

Deno.test(
  owning(
    "tdauth as user 1000 reads config.json from root's read-only mount, and keeps the tokens in TD_TOKEN_DIR",
  ),
  async () => {
    await using machine = await startMachine({ broker: "tdameritrade" });
    const mount = `${machine.home}/mount`;
    const config = JSON.stringify({ profiles: { default: profile(machine) } });
    mountSecret(mount, "config.json", config);
    const tokens = `${machine.home}/tokens`;
    const run = (...args: string[]) =>
      machine.run(args, {
        env: { TD_CONFIG_DIR: mount, TD_TOKEN_DIR: tokens },
        printsToken: true,
        under: AS_USER_BESIDE_ROOT,
      });
    const login = await run("login", "--browser", APPROVE);
    assert.equal(login.code, 0, login.stderr);
    assert.doesNotMatch(login.stderr, /not saved/);
    assert.deepEqual(names(tokens), ["PROCESSTEST"]);
    assert.equal((Deno.statSync(tokens).mode ?? 0) & 0o777, 0o700);
    for (const line of ["token", "header", "refresh", "status"]) {
      const { code, stderr } = await run(line);
      assert.equal(code, 0, `${line}: ${stderr}`);
    }
    const doctor = await run("doctor", "--offline", "--json");
    assertLine(
      JSON.parse(doctor.stdout).checks,
      "directory",
      "ok",
      /mount, from which settings are only read$/,
    );
    // What cannot be saved is said, and costs no login.
    const other = await run("login", "--browser", APPROVE, "--scope", "x");
    assert.equal(other.code, 0, other.stderr);
    assert.match(other.stderr, /^note: these settings are not saved: Cannot /m);
    assert.equal((await run("logout")).code, 0);
    assert.doesNotMatch(
      Deno.readTextFileSync(`${tokens}/PROCESSTEST`),
      /"token": "/,
    );
    assert.deepEqual(names(mount), [
      "..2026_11_30_00_00_00",
      "..data",
      "config.json",
    ]);
  },
);

for (const TD_TOKEN_DIR of ["TD_TOKEN_DIR", "TD_CONFIG_DIR"] as const) {
  Deno.test(
    owning(
      `tdauth as user 1000 refuses a volume of another user and of its group (fsGroup), and uses a directory of its own in it with ${TD_TOKEN_DIR}`,
    ),
    async () => {
      await using machine = await startMachine({ broker: "tdameritrade" });
      const volume = `${machine.home}/volume`;
      Deno.mkdirSync(volume);
      Deno.chownSync(volume, 12_345, 0);
      Deno.chmodSync(volume, 0o2775);
      const run = (path: string, ...args: string[]) =>
        machine.run(args, {
          env: { ...machine.appEnv, [TD_TOKEN_DIR]: path },
          printsToken: true,
          under: AS_USER,
        });
      const login = ["login", "--browser", APPROVE];
      assertError(
        await run(volume, ...login),
        1,
        /cannot use the directory ".*volume": it belongs to another user$/,
        /a directory of its own in it.*TD_TOKEN_DIR='.*volume\/tdauth'/,
      );
      assert.deepEqual(names(volume), []);
      const own = `${volume}/tdauth`;
      const result = await run(own, ...login);
      assert.equal(result.code, 0, result.stderr);
      // It has inherited the group and its bit.
      assert.equal((Deno.statSync(own).mode ?? 0) & 0o7777, 0o2700);
      assert.equal((await run(own, "token")).code, 0);

      // The next start of a pod opens all of the volume to its group again.
      Deno.chmodSync(own, 0o2770);
      for (const name of Deno.readDirSync(own)) {
        Deno.chmodSync(`${own}/${name.name}`, 0o660);
      }
      assertError(
        await run(own, "token"),
        1,
        /cannot use the directory ".*tdauth": it is group-writable$/,
        /fsGroupChangePolicy: OnRootMismatch.*chmod 700 '/,
      );
      Deno.chmodSync(own, 0o2700);
      assert.equal((await run(own, "token")).code, 0);
      const token = `${own}/PROCESSTEST`;
      assert.equal((Deno.statSync(token).mode ?? 0) & 0o777, 0o600);
    },
  );
}

Deno.test(
  mounting(
    "tdauth says how to mount a config.json that is mounted by itself (EBUSY), and goes on where nothing changes",
  ),
  async () => {
    await using machine = await startMachine({ broker: "tdameritrade" });
    machine.writeConfig({ default: profile(machine) });
    const path = `${machine.configDir}/config.json`;
    const before = Deno.readTextFileSync(path);
    const run = (...args: string[]) =>
      machine.run(args, { under: mounted(`mount --bind "${path}" "${path}"`) });
    assertError(
      await run("configure", "--scope", "x"),
      1,
      /cannot write ".*config\.json": .*busy$/i,
      /mount its directory instead/,
    );
    const login = await run("login", "--browser", APPROVE);
    assert.equal(login.code, 0, login.stderr);
    assert.doesNotMatch(login.stderr, /not saved/);
    assert.equal(Deno.readTextFileSync(path), before);
    assert.ok(existsSync(machine.tokenPath));
  },
);
