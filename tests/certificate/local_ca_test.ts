/** What a CA of ours could sign, were its key not destroyed: openssl judges. */
import assert from "node:assert/strict";
import {
  generateEphemeralKeys,
  importX509,
  makeLocalCertificate,
  makeWith,
} from "../../src/certificate/local_ca.ts";
import { ALGORITHM, signUnder } from "./local_ca_support.ts";
import { existsSync } from "node:fs";
import { failsWith, temporaryDirectory } from "../support.ts";

const NOW = Math.floor(Date.now() / 1000);

const ignore = !existsSync("/usr/bin/openssl");

/** A test that needs openssl, or says that it is not there. */
function opensslTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: ignore ? `${name} (ignored: there is no openssl)` : name,
    ignore,
    fn,
  });
}

/** What `openssl verify` says of a certificate under a CA. */
async function verify(
  cert: string,
  ca: string,
  ...more: string[]
): Promise<string> {
  await using directory = temporaryDirectory();
  const { path } = directory;
  Deno.writeTextFileSync(`${path}/cert.pem`, cert);
  Deno.writeTextFileSync(`${path}/ca.pem`, ca);
  const { code, stdout, stderr } = await new Deno.Command("openssl", {
    args: [
      "verify",
      "-x509_strict",
      "-purpose",
      "sslserver",
      "-CAfile",
      `${path}/ca.pem`,
      ...more,
      `${path}/cert.pem`,
    ],
  }).output();
  const text = [stdout, stderr].map((part) => new TextDecoder().decode(part))
    .join("");
  assert.equal(code === 0, /: OK$/m.test(text), text);
  return code === 0 ? "OK" : text;
}

opensslTest(
  "makeLocalCertificate() makes a leaf that openssl verifies under its CA for localhost, 127.0.0.1 and ::1",
  async () => {
    const { cert, ca } = await makeLocalCertificate(NOW);
    for (
      const name of [
        ["-verify_hostname", "localhost"],
        ["-verify_ip", "127.0.0.1"],
        ["-verify_ip", "::1"],
      ]
    ) {
      assert.equal(await verify(cert, ca, ...name), "OK");
    }
    assert.notEqual(
      await verify(cert, ca, "-verify_hostname", "example.test"),
      "OK",
    );
  },
);

/** Seconds since the epoch of clocks that are wrong: just set back, of a board without a battery, and of 32 bits that are over. */
const CLOCKS = [0, 1, 86_399, 86_400, 2_524_607_999, 4_294_967_296, 2 ** 37];
opensslTest(
  "makeLocalCertificate() makes certificates that hold at the clock's own time in 1970, 2106 and 6325 (line 68)",
  async () => {
    for (const now of CLOCKS) {
      const { cert, ca } = await makeLocalCertificate(now);
      assert.equal(await verify(cert, ca, "-attime", `${now}`), "OK");
    }
  },
);

Deno.test("makeLocalCertificate() makes certificates whose dates TLS can read, whatever the clock (line 68)", async () => {
  for (const now of CLOCKS) {
    const { cert, ca, key } = await makeLocalCertificate(now);
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert: cert + ca, key, onListen() {} },
      () => new Response(),
    );
    using client = Deno.createHttpClient({ caCerts: [ca] });
    const error = await fetch(`https://127.0.0.1:${server.addr.port}/`, {
      client,
    }).then(() => undefined, ({ cause }) => String(cause));
    // This machine's clock is right: all that is wrong with them is the time.
    assert.match(error ?? "", /certificate expired|not valid yet/);
  }
});

Deno.test("makeLocalCertificate() says that the clock is wrong where no certificate could have its time (line 68)", async () => {
  for (
    const [now, year] of [[-1, 1969], [253_402_300_799, 9999], [1e12, 33658]]
  ) {
    const error = await failsWith(
      "certificate_failed",
      makeLocalCertificate(now ?? 0),
    );
    assert.match(error.message, new RegExp(`clock is in the year ${year}$`));
    assert.equal(String(error.hint), "set the clock");
  }
});

Deno.test("makeLocalCertificate() makes a CA that is constrained, critically, to this machine's names and to servers", async () => {
  const { ca: pem } = await makeLocalCertificate(NOW);
  const x509 = await importX509();
  const ca = new x509.X509Certificate(pem);
  const basic = ca.getExtension(x509.BasicConstraintsExtension);
  assert.deepEqual(
    [basic?.ca, basic?.pathLength, basic?.critical],
    [true, 0, true],
  );
  const usage = ca.getExtension(x509.KeyUsagesExtension);
  assert.deepEqual(
    [usage?.usages, usage?.critical],
    [x509.KeyUsageFlags.keyCertSign, true],
  );
  assert.deepEqual(
    [...ca.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? []],
    ["1.3.6.1.5.5.7.3.1"], // serverAuth
  );
  const constraints = ca.getExtension("2.5.29.30");
  assert.ok(constraints?.critical);
  const hex = Array.from(
    new Uint8Array(constraints.value),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
  const localhost = "096c6f63616c686f7374";
  assert.equal(
    hex,
    [
      "3059a057",
      `300b82${localhost}`,
      "300a87087f000001ffffffff",
      `30228720${"00".repeat(15)}01${"ff".repeat(16)}`,
      `300b81${localhost}`,
      `300b86${localhost}`,
    ].join(""),
  );
  assert.match(ca.subject, /^O=tdauth, CN=tdauth local CA [0-9a-f]{16}$/);
  assert.ok(await ca.isSelfSigned());
});

Deno.test("makeLocalCertificate() returns only the leaf's key, and the CA's cannot be exported", async () => {
  const { subtle } = crypto;
  const { privateKey } = await generateEphemeralKeys();
  assert.equal(privateKey.extractable, false);
  await assert.rejects(subtle.exportKey("pkcs8", privateKey));
  await assert.rejects(subtle.exportKey("jwk", privateKey));
  const made = await makeLocalCertificate(NOW);
  assert.deepEqual(Object.keys(made), ["cert", "ca", "key", "notAfter"]);
  const x509 = await importX509();
  const key = new Uint8Array(x509.PemConverter.decodeFirst(made.key));
  const point = async (pem: string) =>
    new Uint8Array(
      await subtle.exportKey(
        "raw",
        await new x509.X509Certificate(pem).publicKey.export(),
      ),
    );
  assert.deepEqual(key.slice(-65), await point(made.cert));
  assert.notDeepEqual(key.slice(-65), await point(made.ca));
});

/** What somebody with the CA's key might sign, and whether it would verify. */
const LEAVES: readonly (readonly [string, string[], boolean, string?])[] = [
  ["localhost alone", ["dns:localhost"], true],
  ["127.0.0.1 alone", ["ip:127.0.0.1"], true],
  ["another host", ["dns:example.test"], false],
  ["another host beside localhost", ["dns:localhost", "dns:a.test"], false],
  ["a host that ends like localhost", ["dns:notlocalhost"], false],
  ["localhost as a domain's beginning", ["dns:localhost.test"], false],
  ["every host", ["dns:*"], false],
  ["another address", ["ip:127.0.0.2"], false],
  ["another address of IPv6", ["ip:::2"], false],
  ["a public address", ["ip:192.0.2.1"], false],
  ["a mailbox elsewhere", ["email:a@example.test"], false],
  ["a URI elsewhere", ["url:https://example.test/"], false],
  ["no name but a common one elsewhere", [], false, "CN=example.test"],
  ["a mailbox in its subject", ["dns:localhost"], false, "E=a@example.test"],
];
for (const [what, names, valid, subject] of LEAVES) {
  Deno.test(
    `a leaf for ${what} ${
      valid ? "verifies" : "fails to verify"
    } under a CA of makeLocalCertificate()`,
    async () => {
      const caKeys = await generateEphemeralKeys();
      const { ca } = await makeWith(caKeys, NOW);
      const { cert } = await signUnder(ca, caKeys, names, {
        ...(subject !== undefined && { subject }),
      });
      const said = await verify(cert, ca);
      if (valid) assert.equal(said, "OK");
      else assert.match(said, /permitted subtree violation/);
    },
  );
}

opensslTest(
  "a CA under a CA of makeLocalCertificate() and a client's certificate fail to verify",
  async () => {
    const caKeys = await generateEphemeralKeys();
    const { ca } = await makeWith(caKeys, NOW);
    const x509 = await importX509();
    const below = await signUnder(ca, caKeys, ["dns:localhost"], {
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      ],
    });
    const belowKeys = {
      privateKey: await crypto.subtle.importKey(
        "pkcs8",
        x509.PemConverter.decodeFirst(below.key),
        ALGORITHM,
        false,
        ["sign"],
      ),
      publicKey: await new x509.X509Certificate(below.cert).publicKey.export(),
    };
    const { cert } = await signUnder(below.cert, belowKeys, ["dns:localhost"]);
    await using directory = temporaryDirectory();
    const middle = `${directory.path}/middle.pem`;
    Deno.writeTextFileSync(middle, below.cert);
    assert.match(
      await verify(cert, ca, "-untrusted", middle),
      /path length constraint exceeded/,
    );
    const client = await signUnder(ca, caKeys, ["dns:localhost"], {
      extensions: [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ],
    });
    assert.match(
      await verify(client.cert, ca, "-purpose", "sslclient"),
      /(unsupported|unsuitable) (certificate )?purpose/,
    );
  },
);
