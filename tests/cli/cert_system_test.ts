/** `tdauth cert trust --system` with Debian's own program, on directories of the test's own. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { certutil, certutilMissing } from "../certificate/nss_support.ts";
import { assertError } from "./asserts.ts";
import { type Machine, startMachine } from "./machine.ts";

const canMount = await new Deno.Command("unshare", {
  args: ["-rm", "true"],
  stdout: "null",
  stderr: "null",
}).output().then(({ success }) => success, () => false);
const missing = certutilMissing
  ? "certutil"
  : !canMount
  ? "unshare that can mount"
  : !existsSync("/usr/sbin/update-ca-certificates")
  ? "update-ca-certificates"
  : undefined;

function test(name: string, fn: (machine: Machine) => Promise<void>): void {
  Deno.test({
    name: missing ? `${name} (ignored: there is no ${missing})` : name,
    ignore: missing !== undefined,
    fn: async () => {
      await using machine = await startMachine();
      for (const name of ["anchors", "certs"]) {
        Deno.mkdirSync(`${machine.home}/${name}`);
      }
      await fn(machine);
    },
  });
}

/** As root of a world whose anchors are in the home directory. */
const asRoot = `exec unshare -rm sh -c '
  mount --bind "$HOME/anchors" /usr/local/share/ca-certificates &&
  mount --bind "$HOME/certs" /etc/ssl/certs && exec "$@"' sh "$@"`;
/** As another user than root, who owns the same files. */
const asUser = `exec unshare -U --map-user=1000 -- "$@"`;

function count(machine: Machine): number {
  const bundle = Deno.readTextFileSync(
    `${machine.home}/certs/ca-certificates.crt`,
  );
  return bundle.split("BEGIN CERTIFICATE").length - 1;
}

test("tdauth cert trust --system as root has Debian take up the CA, and tdauth cert untrust has it taken out", async (machine) => {
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  const tdauth = async (...args: string[]) => {
    const result = await machine.run(args, { env, under: asRoot });
    assert.equal(result.code, 0, result.stderr);
    return result;
  };
  Deno.writeTextFileSync(`${machine.home}/anchors/others.txt`, "");
  const told = await tdauth("cert", "trust", "--yes", "--system");
  assert.match(told.stderr, /^ {2}this system {2}\/usr\/local\/share\/ca-/m);
  const [name = ""] = [...Deno.readDirSync(`${machine.home}/anchors`)]
    .map(({ name }) => name).filter((name) => name !== "others.txt");
  assert.match(name, /^tdauth-local-CA-[0-9a-f]{16}\.crt$/);
  const shown = await tdauth("cert", "show");
  assert.match(shown.stdout, /this system +trusted\n/);
  const before = count(machine);
  await tdauth("cert", "untrust");
  assert.equal(count(machine), before - 1);
  assert.deepEqual(
    [...Deno.readDirSync(`${machine.home}/anchors`)].map(({ name }) => name),
    ["others.txt"],
  );
  for (const { name } of Deno.readDirSync(`${machine.home}/certs`)) {
    assert.doesNotMatch(name, /tdauth/);
  }
});

test("tdauth cert trust --system prints the command for root to anyone else, and adds nothing to the system", async (machine) => {
  const result = await machine.run(["cert", "trust", "--yes", "--system"], {
    under: asUser,
  });
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stderr, /^Trusted\. /m);
  const [, path = ""] = result.stderr.match(
    /^note: the system's trust anchors belong to root: run\n {2}sudo install -m 644 '.*\/ca\.pem' '(\/.*\.crt)' && sudo update-ca-certificates\n$/m,
  ) ?? [];
  assert.match(path, /^\/usr\/local\/share\/ca-certificates\/tdauth-/);
  assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
  const undone = await machine.run(["cert", "untrust"], { under: asUser });
  assert.equal(undone.code, 0, undone.stderr);
  assert.match(undone.stderr, /was no longer in\n {2}this system/);
});

test("tdauth cert untrust names the command for root when the CA is among the system's trust anchors", async (machine) => {
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  await machine.run(["cert", "trust", "--yes", "--system"], {
    env,
    under: asRoot,
  });
  const readOnly = asRoot.replace(
    '&& exec "$@"',
    '&& mount -o remount,bind,ro /usr/local/share/ca-certificates && exec "$@"',
  );
  const failed = await machine.run(["cert", "untrust"], {
    env,
    under: readOnly,
  });
  const lines = failed.stderr.split("\n");
  const at = lines.findIndex((line) => line.startsWith("tdauth: "));
  assertError(
    { ...failed, stderr: lines.slice(at).join("\n") },
    1,
    /cannot remove the local CA from the system's trust anchors: /,
    /^hint: run: sudo rm -f '.*\.crt' && sudo update-ca-certificates --fresh$/,
  );
  // It does not keep a new one, which has a key of its own, from the browsers.
  const renewed = await machine.run(["cert", "renew", "--yes"], {
    env,
    under: readOnly,
  });
  assert.equal(renewed.code, 1, renewed.stderr);
  const [, ca] = /^Renewed\. The new CA is (.*)\.$/m.exec(renewed.stderr) ?? [];
  assert.match(renewed.stderr, /^Trusted\. /m);
  assert.match(renewed.stderr, /^hint: run: sudo rm -f /m);
  const list = await certutil(`${machine.home}/.pki/nssdb`, ["-L"]);
  assert.deepEqual(list.match(/^tdauth local CA \w+/gm), [ca]);
  const done = await machine.run(["cert", "untrust"], { env, under: asRoot });
  assert.equal(done.code, 0, done.stderr);
});
