/** Settings, the certificate and the record of trust that tdauth wrote at commit c2180da are read as they are. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { connect } from "node:tls";
import { authorize } from "@tdauth/tdauth";
import { startSandbox } from "@tdauth/tdauth/sandbox";
import { reservePort } from "../support.ts";
import { certutilTest, makeDatabase } from "../certificate/nss_support.ts";
import { loadOld } from "./old.ts";
import {
  assertSame,
  contents,
  LATER,
  type Outcome,
  type Place,
  place,
  run,
  WRITTEN,
  written,
} from "./place.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));

interface Shown {
  readonly stores: readonly { readonly store: string; readonly path: string }[];
  readonly [key: string]: unknown;
}
const said = (written("said.json") as { certificate: Shown }).certificate;

async function succeeds(
  at: Place,
  ...args: readonly string[]
): Promise<Outcome> {
  const result = await run(at, CLI, args);
  assert.equal(result.code, 0, result.stderr);
  return result;
}

Deno.test("tdauth configure keeps all other profiles of c2180da's config.json and what else is in it, and c2180da reads them", async () => {
  await using at = place();
  const { readConfig } = await loadOld();
  const path = `${at.configDir}/config.json`;
  const read = () => JSON.parse(Deno.readTextFileSync(path));
  const before = read();
  assert.deepEqual(before.note, ["the user's own"], "there is something else");
  assert.deepEqual(
    ["key", "passphrase", "keychain"].map((name) => before.profiles[name].seal),
    ["key", "passphrase", "keychain"],
  );
  await succeeds(
    at,
    ...["configure", "--profile", "added", "--provider", "tdameritrade"],
    ...["--consumer-key", "ADDED", "--callback-url", "http://127.0.0.1:1234"],
  );
  const added = {
    provider: "tdameritrade",
    consumerKey: "ADDED",
    callbackUrl: "http://127.0.0.1:1234",
  };
  const after = { ...before, profiles: { ...before.profiles, added } };
  assertSame(read(), after, "other settings");
  assertSame(readConfig(at.configDir), after, "c2180da reads others");
  // A sealed profile stays one when its settings are changed.
  await succeeds(
    at,
    ...["configure", "--profile", "key", "--scope", "changed"],
  );
  after.profiles.key = { ...before.profiles.key, scope: "changed" };
  assertSame(read(), after, "other settings");
  assertSame(readConfig(at.configDir), after, "c2180da reads others");
});

Deno.test("tdauth cert show shows c2180da's certificate and where it was trusted, and changes nothing", async () => {
  await using at = place();
  const before = contents(at.configDir);
  const { stdout } = await succeeds(at, "cert", "show", "--json");
  const { stores, ...shown } = JSON.parse(
    stdout.replaceAll(at.configDir, "CONFIG_DIR"),
  );
  const { stores: noted, ...then } = said;
  assert.deepEqual({ ...shown, ...then }, shown);
  for (const { store, path } of noted) {
    assert.ok(
      stores.some((one: typeof noted[number]) =>
        one.store === store && one.path === path
      ),
      `${path} is not shown`,
    );
  }
  assertSame(contents(at.configDir), before, "it changed a file");
});

Deno.test("authorize() serves the callback with c2180da's certificate, and generates no other", async () => {
  await using at = place();
  using port = reservePort();
  const path = `${at.configDir}/certificate.json`;
  const before = Deno.readTextFileSync(path);
  await using sandbox = await startSandbox({
    broker: "schwab",
    callbackUrl: `https://127.0.0.1:${port.port}`,
  });
  let served: string | undefined;
  await authorize({
    ...sandbox.app,
    provider: "schwab",
    sandbox: sandbox.url,
    configDir: at.configDir,
    profile: "served",
    now: () => LATER * 1000,
    log: () => {},
    openUrl: async (url) => {
      served = await fingerprintAt(port.port);
      await sandbox.approve(url);
    },
  });
  assert.equal(served, said["fingerprint_sha256"]);
  assert.ok(Deno.readTextFileSync(path) === before, "it was written anew");
  const { keptCertificate } = await loadOld();
  assert.ok(keptCertificate(at.configDir) !== undefined);
});

/** The fingerprint of the certificate that a server presents. */
function fingerprintAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: "127.0.0.1",
      port,
      rejectUnauthorized: false, // it is of the time of the golden files
    }, () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      resolve(fingerprint256.replaceAll(":", "").toLowerCase());
    });
    socket.on("error", reject);
  });
}

certutilTest(
  "tdauth cert trust keeps what c2180da's record of trust says, and c2180da reads what it adds",
  async () => {
    await using at = place();
    const { readTrust } = await loadOld();
    const database = `${at.home}/.pki/nssdb`;
    await makeDatabase(database);
    const { trusted: [golden] } = JSON.parse(
      Deno.readTextFileSync(`${WRITTEN}/home/trust.json`),
    );
    assert.equal(golden.stores.length, 2);
    const added = {
      ...golden,
      stores: [...golden.stores, { kind: "nss", path: database }],
    };
    await succeeds(at, "cert", "trust", "--yes");
    assert.deepEqual(readTrust(at.configDir), [added]);
  },
);
