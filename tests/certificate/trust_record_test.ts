import assert from "node:assert/strict";
import fc from "fast-check";
import { TdauthError } from "../../src/base/errors.ts";
import { callbackCertificate } from "../../src/certificate/certificate.ts";
import {
  forgetTrust,
  notedTrust,
  noteTrust,
  readTrust,
  trustPath,
} from "../../src/certificate/trust_record.ts";
import { only, temporaryDirectory } from "../support.ts";

const CHROMIUM = { kind: "nss", path: "/home/a/.pki/nssdb" } as const;
const FIREFOX = { kind: "nss", path: "/home/a/.mozilla/firefox/x" } as const;
const SYSTEM = { kind: "system", path: "/etc/x.crt" } as const;

Deno.test(
  only(
    "Unix",
    "noteTrust() and forgetTrust() keep which CA is in which store, once each, in a file of mode 0600",
  ),
  async () => {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/new`;
    assert.deepEqual(readTrust(path), []);
    noteTrust(path, "ca 1", CHROMIUM);
    noteTrust(path, "ca 1", FIREFOX);
    noteTrust(path, "ca 1", CHROMIUM);
    noteTrust(path, "ca 2", SYSTEM);
    assert.deepEqual(readTrust(path), [
      { ca: "ca 1", stores: [FIREFOX, CHROMIUM] },
      { ca: "ca 2", stores: [SYSTEM] },
    ]);
    assert.equal((Deno.statSync(trustPath(path)).mode ?? 0) & 0o777, 0o600);
    forgetTrust(path, "ca 1", FIREFOX);
    forgetTrust(path, "ca 2", SYSTEM);
    forgetTrust(path, "ca 3", SYSTEM);
    assert.deepEqual(readTrust(path), [{ ca: "ca 1", stores: [CHROMIUM] }]);
  },
);

Deno.test("notedTrust() returns whether the kept certificate's CA was trusted, or that of its predecessor", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const { ca } = await callbackCertificate(path);
  assert.equal(notedTrust(path), "unknown");
  noteTrust(path, ca, SYSTEM); // no browser goes by it
  assert.equal(notedTrust(path), "unknown");
  noteTrust(path, ca, CHROMIUM);
  assert.equal(notedTrust(path), "trusted");
  await callbackCertificate(path, { renew: true });
  assert.equal(notedTrust(path), "renewed");
  Deno.removeSync(`${path}/certificate.json`);
  assert.equal(notedTrust(path), "renewed");
});

Deno.test("readTrust() never treats a damaged file as an empty one, and notedTrust() never throws", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const good = JSON.stringify({
    version: 1,
    trusted: [{ ca: "x", stores: [CHROMIUM] }],
  });
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.nat(good.length - 1).map((length) => good.slice(0, length)),
    fc.constantFrom(
      '{"version":2,"trusted":[]}',
      '{"version":1,"trusted":{}}',
      '{"version":1,"trusted":[{"ca":5,"stores":[]}]}',
      '{"version":1,"trusted":[{"ca":"x","stores":[{}]}]}',
      '{"version":1,"trusted":[null]}',
    ),
  );
  fc.assert(
    fc.property(texts, (text) => {
      Deno.writeTextFileSync(trustPath(path), text);
      assert.throws(() => readTrust(path), TdauthError);
      assert.throws(() => noteTrust(path, "y", SYSTEM), TdauthError);
      assert.equal(Deno.readTextFileSync(trustPath(path)), text);
      assert.equal(notedTrust(path), "unknown");
    }),
    { numRuns: 200 },
  );
});
