import assert from "node:assert/strict";
import {
  callbackCertificate,
  keptCertificate,
  readCertificate,
} from "../../src/certificate/certificate.ts";
import { importX509 } from "../../src/certificate/local_ca.ts";
import { temporaryDirectory } from "../support.ts";
import { denoProcess } from "../../tools/deno.ts";

const DAY = 86_400_000;
/** A directory that is not there, nor made by anybody else. */
const NOWHERE = Deno.makeTempDirSync({ prefix: "tdauth_test_" });
Deno.removeSync(NOWHERE);
const START = Date.UTC(2026, 10, 23, 12);
const at = (days: number) => ({ now: () => START + days * DAY });

Deno.test("callbackCertificate() makes a leaf of at most 397 days, with serverAuth and SANs localhost, 127.0.0.1 and ::1 only", async () => {
  await using directory = temporaryDirectory();
  const made = await callbackCertificate(`${directory.path}/new`, at(0));
  assert.ok(made.made && made.kept);
  const x509 = await importX509();
  assert.equal(made.cert.split("-----BEGIN ").length, 3); // presented with its CA
  const leaf = new x509.X509Certificate(made.cert.slice(0, -made.ca.length));
  const ca = new x509.X509Certificate(made.ca);
  assert.ok(+leaf.notAfter - +leaf.notBefore < 397 * DAY);
  assert.ok(+leaf.notAfter - START > 390 * DAY);
  assert.equal(+leaf.notBefore, START - DAY);
  assert.equal(+leaf.notAfter, made.notAfter * 1000);
  assert.deepEqual(
    leaf.getExtension(x509.SubjectAlternativeNameExtension)?.names.items
      .map(({ type, value }) => `${type}:${value}`),
    ["dns:localhost", "ip:127.0.0.1", "ip:::1"],
  );
  assert.deepEqual(
    [...leaf.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? []],
    ["1.3.6.1.5.5.7.3.1"], // serverAuth
  );
  assert.equal(leaf.getExtension(x509.BasicConstraintsExtension)?.ca, false);
  assert.ok(await leaf.verify({ publicKey: ca.publicKey }));
  assert.equal(+ca.notAfter, +leaf.notAfter);
  assert.match(leaf.serialNumber, /^[4-7][0-9a-f]{31}$/);
});

Deno.test({
  name:
    "callbackCertificate() keeps the key in a file of mode 0600 in a directory of mode 0700",
  async fn() {
    await using directory = temporaryDirectory();
    const path = `${directory.path}/deep/er`;
    await callbackCertificate(path);
    const mode = (name: string) => (Deno.statSync(name).mode ?? 0) & 0o777;
    assert.equal(mode(`${path}/certificate.json`), 0o600);
    assert.equal(mode(path), 0o700);
    const file = JSON.parse(
      await Deno.readTextFile(`${path}/certificate.json`),
    );
    assert.deepEqual(Object.keys(file), [
      "version",
      "not_after",
      "cert",
      "ca",
      "key",
    ]);
    assert.equal(file.version, 2);
    assert.deepEqual(
      [...Deno.readDirSync(path)].map(({ name }) => name).sort(),
      [".write.lock", "certificate.json"],
    );
  },
});

Deno.test("callbackCertificate() returns the same one again until it ends within 30 days, then renews it by itself", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const first = await callbackCertificate(path, at(0));
  for (const days of [0, 100, 365]) {
    assert.deepEqual(await callbackCertificate(path, at(days)), {
      ...first,
      made: false,
    });
  }
  const days = (first.notAfter * 1000 - START) / DAY;
  const kept = await callbackCertificate(path, at(days - 30.01));
  assert.equal(kept.cert, first.cert);
  const renewed = await callbackCertificate(path, at(days - 29.99));
  assert.ok(renewed.made && renewed.kept);
  assert.notEqual(renewed.cert, first.cert);
  assert.notEqual(renewed.key, first.key);
  const expired = await callbackCertificate(path, at(5000));
  assert.ok(expired.made);
  // Made while the clock was years ahead: it is not valid yet.
  const back = await callbackCertificate(path, at(0));
  assert.ok(back.made);
});

Deno.test("callbackCertificate() generates a new one on request, and keptCertificate() returns it unchanged", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  assert.equal(keptCertificate(path), undefined);
  const first = await callbackCertificate(path, at(0));
  const second = await callbackCertificate(path, { ...at(0), renew: true });
  assert.ok(second.made && second.kept);
  assert.notEqual(second.ca, first.ca);
  const kept = keptCertificate(path);
  assert.deepEqual([kept?.ca, kept?.key], [second.ca, second.key]);
  assert.equal(`${kept?.cert}${kept?.ca}`, second.cert);
});

/** Another letter of Base64. */
function flipped(letter: string): string {
  return letter === "A" ? "B" : "A";
}

Deno.test("callbackCertificate() replaces a file that is damaged, foreign or open to others", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const name = `${path}/certificate.json`;
  const first = await callbackCertificate(path);
  const other = await callbackCertificate(`${path}/other`);
  const good = JSON.parse(await Deno.readTextFile(name));
  const damaged = [
    "",
    "{",
    "null",
    "[]",
    JSON.stringify({ ...good, version: 1 }),
    JSON.stringify({ ...good, ca: undefined }),
    JSON.stringify({ ...good, ca: other.ca }),
    JSON.stringify({ ...good, not_after: "soon" }),
    JSON.stringify({ ...good, key: other.key }),
    // One bit of the secret itself: the public point at its end is whole.
    JSON.stringify({
      ...good,
      key: good.key.replace(/(?<=^.{90})./s, flipped),
    }),
    JSON.stringify({ ...good, key: undefined }),
    JSON.stringify({ ...good, key: 5 }),
    JSON.stringify({ ...good, cert: good.cert.slice(0, 200) }),
    JSON.stringify({
      ...good,
      cert: "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
    }),
  ];
  for (const text of damaged) {
    await Deno.writeTextFile(name, text);
    const next = await callbackCertificate(path);
    assert.ok(next.made && next.kept, text.slice(0, 60));
    assert.equal((await callbackCertificate(path)).made, false);
  }
  await Deno.writeTextFile(name, JSON.stringify(good));
  assert.equal((await callbackCertificate(path)).cert, first.cert);
  await Deno.chmod(name, 0o644);
  assert.ok((await callbackCertificate(path)).made);
});

Deno.test("callbackCertificate() leaves another program's certificate.json unchanged, and serves only this login", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  for (
    const text of [
      '{"certificate":"-----BEGIN CERTIFICATE-----\\nMII"}',
      '{\n  "version": 3\n}',
      "-----BEGIN CERTIFICATE-----\nMII\n",
      '[{"name":"x"}]',
      '{"domain":"example.com","not_after":"2027-01-01","private_key":"x"}',
    ]
  ) {
    Deno.writeTextFileSync(`${path}/certificate.json`, text, { mode: 0o600 });
    const { made, kept } = await callbackCertificate(path);
    assert.deepEqual([made, kept], [true, false], text);
    assert.equal(Deno.readTextFileSync(`${path}/certificate.json`), text);
  }
});

Deno.test({
  name:
    "callbackCertificate() serves one login where nothing may be written or read",
  permissions: { read: true, write: false, env: true },
  async fn() {
    const made = await callbackCertificate(NOWHERE);
    assert.ok(made.made && !made.kept);
  },
});

Deno.test("callbackCertificate() loads no library for a stored certificate, and leaves no trace in Reflect", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const module = import.meta.resolve("../../src/certificate/certificate.ts");
  await callbackCertificate(path);
  assert.ok(!("getMetadata" in Reflect));
  await Deno.writeTextFile(
    `${path}/main.ts`,
    `import { callbackCertificate } from "${module}";
const { made } = await callbackCertificate(Deno.args[0]);
if (made) throw new Error("made");`,
  );
  // Without an import map the library has no address, so importing it would throw.
  const { success, stderr } = await denoProcess(
    ["run", "-A", "-q", "--no-config", `${path}/main.ts`, path],
  ).output();
  assert.ok(success, new TextDecoder().decode(stderr));
});

Deno.test("readCertificate() reads PEM files as Windows writes them: with a byte order mark, in UTF-16, with CRLF", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const made = await callbackCertificate(path);
  const wide = (text: string) =>
    new Uint8Array(
      Uint16Array.from(`\ufeff${text}`, (one) => one.charCodeAt(0)).buffer,
    );
  const crlf = (text: string) => text.replaceAll("\n", "\r\n");
  const encode = (text: string) => new TextEncoder().encode(text);
  for (
    const write of [
      (text: string) => encode(`\ufeff${text}`),
      (text: string) => encode(crlf(text)),
      wide,
      (text: string) => wide(crlf(text)),
    ]
  ) {
    for (const [name, text] of [["cert", made.cert], ["key", made.key]]) {
      Deno.writeFileSync(`${path}/${name}.pem`, write(text ?? ""));
    }
    const { cert, key } = await readCertificate(
      `${path}/cert.pem`,
      `${path}/key.pem`,
    );
    // As the server takes them.
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert, key, onListen() {} },
      () => new Response("served"),
    );
    using client = Deno.createHttpClient({ caCerts: [made.ca] });
    const response = await fetch(`https://127.0.0.1:${server.addr.port}/`, {
      client,
    });
    assert.equal(await response.text(), "served");
  }
});

Deno.test("readCertificate() reads the user's own PEM files, and says what is wrong with them", async () => {
  await using directory = temporaryDirectory();
  const { path } = directory;
  const { cert, key } = await callbackCertificate(path);
  const file = (name: string, text: string) => {
    Deno.writeTextFileSync(`${path}/${name}`, text);
    return `${path}/${name}`;
  };
  const certFile = file("cert.pem", `subject=x\n${cert}${cert}`);
  const keyFile = file("key.pem", key);
  assert.deepEqual(await readCertificate(certFile, keyFile), {
    cert: `subject=x\n${cert}${cert}`,
    key,
  });
  const locked = file(
    "locked.pem",
    key.replaceAll("PRIVATE", "ENCRYPTED PRIVATE"),
  );
  const cases: readonly (readonly [string, string, RegExp])[] = [
    [
      `${path}/none.pem`,
      keyFile,
      /none\.pem" as .* certificate: it does not exist$/,
    ],
    [
      certFile,
      `${path}/none.pem`,
      /none\.pem" as .* private key: it does not exist$/,
    ],
    [keyFile, keyFile, /key\.pem" as .* it is not a certificate in PEM form$/],
    [
      certFile,
      certFile,
      /cert\.pem" as .* it is not a private key in PEM form$/,
    ],
    [certFile, locked, /locked\.pem" as .* is password-protected$/],
    [path, keyFile, /as .* certificate: /],
  ];
  for (const [one, other, message] of cases) {
    await assert.rejects(readCertificate(one, other), {
      code: "certificate_failed",
      message,
    });
  }
});
