import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ALGORITHM,
  CA_SUBJECT,
  caExtensions,
  generateEphemeralKeys,
  importX509,
  LEAF_SUBJECT,
  leafExtensions,
  makeLocalCertificate,
  makeWith,
  type X509,
} from "../../src/certificate/local_ca.ts";
import { fromPem } from "../../src/certificate/pem.ts";
import { verifyAuthority } from "../../src/certificate/verify_authority.ts";
import { failsWith } from "../support.ts";

type Extension = InstanceType<X509["Extension"]>;

const NOW = 1_800_000_000;
const DAY = 86_400;
const x509 = await importX509();

/** What is to be otherwise than tdauth makes it. */
interface Changes {
  readonly ca?: (own: Extension[]) => readonly Extension[];
  readonly leaf?: (own: Extension[]) => readonly Extension[];
  readonly name?: string;
  readonly leafName?: string;
  /** Seconds before and after now. */
  readonly life?: readonly [number, number];
  readonly algorithm?: typeof ALGORITHM;
  readonly signsLeaf?: boolean;
}

/** A CA and a certificate under it, as a stranger makes them who knows how tdauth does. */
async function strangers(
  changes: Changes = {},
): Promise<{ ca: string; cert: string }> {
  const { algorithm = ALGORITHM, life = [DAY, 396 * DAY - 1] } = changes;
  const keys = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]);
  const other = await generateEphemeralKeys();
  const name = changes.name ?? `${CA_SUBJECT}0123456789abcdef`;
  const common = {
    serialNumber: "4a00000000000000000000000000000a",
    notBefore: new Date((NOW - life[0]) * 1000),
    notAfter: new Date((NOW + life[1]) * 1000),
    signingAlgorithm: algorithm,
    issuer: name,
  };
  const own = await caExtensions(x509, keys.publicKey);
  const ca = await x509.X509CertificateGenerator.create({
    ...common,
    subject: name,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [...changes.ca?.(own) ?? own],
  });
  const ofLeaf = await leafExtensions(x509, keys.publicKey);
  const leaf = await x509.X509CertificateGenerator.create({
    ...common,
    subject: changes.leafName ?? LEAF_SUBJECT,
    publicKey: other.publicKey,
    signingKey: changes.signsLeaf === false
      ? other.privateKey
      : keys.privateKey,
    signingAlgorithm: changes.signsLeaf === false ? ALGORITHM : algorithm,
    extensions: [...changes.leaf?.(ofLeaf) ?? ofLeaf],
  });
  return {
    ca: ca.toString("pem") + "\n",
    cert: leaf.toString("pem") + "\n",
  };
}

/** Own extensions, one of them replaced or, by nothing, left out. */
function without(at: number, ...instead: Extension[]) {
  return (own: Extension[]) => own.toSpliced(at, 1, ...instead);
}

const constraints = (critical: boolean, bytes: Uint8Array<ArrayBuffer>) =>
  new x509.Extension("2.5.29.30", critical, bytes);
const hex = (text: string) => Uint8Array.fromHex(text.replaceAll(" ", ""));
const LOCALHOST = "8209 6c6f63616c686f7374";
/** permittedSubtrees of localhost alone; of localhost and of 127.0.0.0/8; of every name there is. */
const NARROW = hex(`300f a00d 300b ${LOCALHOST}`);
const WIDE = hex(`301b a019 300b ${LOCALHOST} 300a 8708 7f000000 ff000000`);
const EVERY = hex("3006 a004 3002 8200");
const { keyCertSign, cRLSign, digitalSignature } = x509.KeyUsageFlags;
const usages = (flags: number, critical = true) =>
  new x509.KeyUsagesExtension(flags, critical);
const purposes = (...oids: string[]) =>
  new x509.ExtendedKeyUsageExtension(oids);
const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;

const CONSTRAINED = /it is not constrained to localhost, 127\.0\.0\.1 and ::1/;
const SIGNED = /it has not signed the callback server's certificate/;
const OTHER_NAMES = /has unexpected names or key usage/;

const WRONG: Readonly<Record<string, readonly [Changes, RegExp]>> = {
  "has no name constraints": [{ ca: without(2) }, CONSTRAINED],
  "has name constraints that are not critical": [{
    ca: (own) =>
      without(
        2,
        constraints(false, new Uint8Array(own[2]?.value ?? new ArrayBuffer(0))),
      )(own),
  }, CONSTRAINED],
  "may vouch for other addresses": [
    { ca: without(2, constraints(true, WIDE)) },
    CONSTRAINED,
  ],
  "may vouch for every name": [
    { ca: without(2, constraints(true, EVERY)) },
    CONSTRAINED,
  ],
  "is free in its addresses": [
    { ca: without(2, constraints(true, NARROW)) },
    CONSTRAINED,
  ],
  "has a second set of name constraints": [{
    ca: (own) => [...own, constraints(true, EVERY)],
  }, CONSTRAINED],
  "may have CAs below it": [
    { ca: without(0, new x509.BasicConstraintsExtension(true, 1, true)) },
    CONSTRAINED,
  ],
  "has no path length": [{
    ca: without(0, new x509.BasicConstraintsExtension(true, undefined, true)),
  }, CONSTRAINED],
  "is no CA": [{
    ca: without(0, new x509.BasicConstraintsExtension(false, undefined, true)),
  }, CONSTRAINED],
  "may sign other things": [
    { ca: without(1, usages(keyCertSign | cRLSign)) },
    CONSTRAINED,
  ],
  "has key usages that are not critical": [
    { ca: without(1, usages(keyCertSign, false)) },
    CONSTRAINED,
  ],
  "is for every purpose": [{ ca: without(3) }, CONSTRAINED],
  "is for users' certificates as well": [
    { ca: without(3, purposes(serverAuth, clientAuth)) },
    CONSTRAINED,
  ],
  "has an extension more": [{
    ca: (own) => [...own, new x509.Extension("1.2.3.4", false, hex("0500"))],
  }, CONSTRAINED],
  "has another's name": [{ name: "CN=Somebody's CA" }, /its name is not/],
  "has a longer name": [{
    name: `${CA_SUBJECT}0123456789abcdef, CN=example.com`,
  }, /its name is not/],
  "has a key of another kind": [{
    algorithm: { ...ALGORITHM, namedCurve: "P-384" },
  }, /key in it is not ECDSA P-256/],
  "has not signed the certificate": [{ signsLeaf: false }, SIGNED],
  "has a certificate of another name": [
    { leafName: "O=tdauth, CN=example.com" },
    SIGNED,
  ],
  "has a certificate for other hosts": [{
    leaf: without(
      3,
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "example.com" },
      ]),
    ),
  }, OTHER_NAMES],
  "has a certificate that is a CA": [{
    leaf: without(0, new x509.BasicConstraintsExtension(true, 0, true)),
  }, OTHER_NAMES],
  "has a certificate for other uses": [
    { leaf: without(1, usages(digitalSignature | keyCertSign)) },
    OTHER_NAMES,
  ],
  "has expired": [{ life: [396 * DAY, -1] }, /it has expired/],
  "is not valid yet": [{ life: [-60, 396 * DAY] }, /it has expired, is not/],
  "lives for ten years": [{ life: [DAY, 3650 * DAY] }, /more than 397 days/],
};

Deno.test("verifyAuthority() accepts a CA that tdauth generated", async () => {
  const made = await makeLocalCertificate(NOW);
  const { pem, name } = await verifyAuthority(made, NOW);
  assert.equal(pem, made.ca);
  assert.match(name, /^tdauth local CA [0-9a-f]{16}$/);
});

Deno.test("verifyAuthority() accepts an exact copy of tdauth's own: the rejections below are due to each change", async () => {
  await verifyAuthority(await strangers(), NOW);
});

for (const [what, [changes, why]] of Object.entries(WRONG)) {
  Deno.test(`verifyAuthority() rejects a CA that ${what} (line 52)`, async () => {
    const { message, hint } = await failsWith(
      "certificate_failed",
      verifyAuthority(await strangers(changes), NOW),
    );
    assert.match(message, /^Cannot trust the local CA: /);
    assert.match(message, why);
    assert.match(hint?.format(["tdauth"]) ?? "", /tdauth cert renew$/);
  });
}

Deno.test("verifyAuthority() rejects a certificate under a different CA", async () => {
  const { ca } = await makeLocalCertificate(NOW);
  const { cert } = await makeLocalCertificate(NOW);
  const { message } = await failsWith(
    "certificate_failed",
    verifyAuthority({ ca, cert }, NOW),
  );
  assert.match(message, SIGNED);
});

Deno.test("verifyAuthority() rejects a CA that another key has signed", async () => {
  const [keys, other] = [
    await generateEphemeralKeys(),
    await generateEphemeralKeys(),
  ];
  const { cert } = await makeWith(keys, NOW);
  const real = new x509.X509Certificate((await makeWith(keys, NOW)).ca);
  const forged = await x509.X509CertificateGenerator.create({
    serialNumber: real.serialNumber,
    subject: real.subject,
    issuer: real.issuer,
    notBefore: real.notBefore,
    notAfter: real.notAfter,
    publicKey: keys.publicKey,
    signingKey: other.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: await caExtensions(x509, keys.publicKey),
  });
  const { message } = await failsWith(
    "certificate_failed",
    verifyAuthority({ cert, ca: forged.toString("pem") }, NOW),
  );
  assert.match(message, /its self-signature is invalid/);
});

Deno.test("verifyAuthority() rejects a second certificate after the first, which some stores would also read", async () => {
  const made = await makeLocalCertificate(NOW);
  const evil = await strangers({ ca: without(2) });
  const der = (pem: string) => fromPem(pem);
  const wrap = (bytes: string) =>
    `-----BEGIN CERTIFICATE-----\n${btoa(bytes)}\n-----END CERTIFICATE-----\n`;
  for (
    const ca of [
      made.ca + evil.ca,
      evil.ca + made.ca,
      wrap(der(made.ca) + der(evil.ca)),
      wrap(der(made.ca) + "\0"),
      `junk\n${made.ca}`,
      "",
    ]
  ) {
    const { message } = await failsWith(
      "certificate_failed",
      verifyAuthority({ ...made, ca }, NOW),
    );
    assert.match(message, /not exactly one/);
  }
  assert.equal(
    wrap(der(made.ca)).replace(/\s/g, ""),
    made.ca.replace(/\s/g, ""),
  );
});

Deno.test("verifyAuthority() rejects a CA or a certificate with any one bit changed", async () => {
  const made = await makeLocalCertificate(NOW);
  const bytes = (pem: string) =>
    Uint8Array.from(fromPem(pem), (char) => char.charCodeAt(0));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("ca" as const, "cert" as const),
      fc.nat(),
      fc.nat(7),
      async (which, place, bit) => {
        const der = bytes(made[which]);
        const at = place % der.length;
        der[at] = (der[at] ?? 0) ^ (1 << bit);
        const pem =
          `-----BEGIN CERTIFICATE-----\n${der.toBase64()}\n-----END CERTIFICATE-----\n`;
        await failsWith(
          "certificate_failed",
          verifyAuthority({ ...made, [which]: pem }, NOW),
        );
      },
    ),
    { numRuns: 500 },
  );
});
