import { TdauthError } from "../base/errors.ts";
import {
  ALGORITHM,
  CA_SUBJECT,
  caExtensions,
  CERTIFICATE_LIFETIME,
  generateEphemeralKeys,
  importX509,
  LEAF_SUBJECT,
  leafExtensions,
  type LocalCertificate,
  type X509,
} from "./local_ca.ts";
import { fromPem } from "./pem.ts";
import { readAuthority, type VerifiedAuthority } from "./authority.ts";

type Certificate = InstanceType<X509["X509Certificate"]>;

/** What is verified. */
export type Verifiable = Pick<LocalCertificate, "cert" | "ca">;

/**
 * Verifies a CA before anything trusts it: that it is made in every particular
 * as tdauth makes its own, so that it can vouch for this machine's loopback
 * names alone, and that it has signed the callback server's certificate. It is
 * not believed for its name, or for the directory that it was found in.
 *
 * @param certificate The CA, and the callback server's certificate under it, one PEM block each.
 * @param now The time, in seconds since the epoch.
 * @returns The CA, which may be put into a trust store.
 * @throws {TdauthError} `certificate_failed` with what is wrong.
 */
export async function verifyAuthority(
  certificate: Verifiable,
  now: number,
): Promise<VerifiedAuthority> {
  const why = await whyNotTrusted(certificate, now);
  if (why !== undefined) {
    throw new TdauthError(
      "certificate_failed",
      `Cannot trust the local CA: ${why}`,
      {
        hint: {
          text:
            "it is not one that tdauth made, or it is damaged; make a new one:",
          command: ["cert", "renew"],
        },
      },
    );
  }
  return await readAuthority(certificate.ca) as VerifiedAuthority;
}

/**
 * Says what keeps a CA from being trusted.
 *
 * @param certificate As for {@linkcode verifyAuthority}.
 * @param now The time, in seconds since the epoch.
 * @returns The reason; nothing when it is as tdauth makes its own.
 */
export async function whyNotTrusted(
  certificate: Verifiable,
  now: number,
): Promise<string | undefined> {
  const x509 = await importX509();
  try {
    return await whyNot(x509, certificate, now);
  } catch {
    return "it is damaged"; // in a place that the library reads late: a key, a date
  }
}

async function whyNot(
  x509: X509,
  { cert, ca: caPem }: Verifiable,
  now: number,
): Promise<string | undefined> {
  const ca = parse(x509, caPem);
  if (ca === undefined) return "its certificate is not a single one";
  const leaf = parse(x509, cert);
  if (leaf === undefined) {
    return "the callback server's certificate is not a single one";
  }
  if (!isSubject(ca.subject) || ca.issuer !== ca.subject) {
    return `its name is not "tdauth local CA" and a number`;
  }
  const caKey = await keyOf(ca);
  const leafKey = await keyOf(leaf);
  if (caKey === undefined || leafKey === undefined) {
    return "a key in it is not of the kind that tdauth makes (ECDSA, P-256)";
  }
  if (!await isSignedBy(ca, caKey)) return "its own signature is wrong";
  if (!sameExtensions(ca, await caExtensions(x509, caKey))) {
    return "it is not constrained to localhost, 127.0.0.1 and ::1 as tdauth's own CAs are";
  }
  if (
    leaf.issuer !== ca.subject || leaf.subject !== LEAF_SUBJECT ||
    !await isSignedBy(leaf, caKey)
  ) return "it has not signed the callback server's certificate";
  if (!sameExtensions(leaf, await leafExtensions(x509, caKey))) {
    return "the callback server's certificate is for other names or uses than tdauth's own";
  }
  if (![ca, leaf].every((one) => isOfNow(one, now))) {
    return "it has expired, is not valid yet, or lives longer than 397 days";
  }
  return await isAsMadeHere(x509, ca, caKey)
    ? undefined
    : "it is made otherwise than tdauth's own";
}

/** One certificate and nothing behind it: stores read on where this would not. */
function parse(x509: X509, pem: string): Certificate | undefined {
  const der = Uint8Array.from(fromPem(pem), (char) => char.charCodeAt(0));
  if (der.length === 0) return undefined;
  try {
    const certificate = new x509.X509Certificate(der);
    // Bytes and text as they would be written: what others read of it is what is read here.
    return bytesEqual(new Uint8Array(certificate.rawData), der) &&
        certificate.toString("pem") === pem.trimEnd()
      ? certificate
      : undefined;
  } catch {
    return undefined;
  }
}

/** The length of a DER SEQUENCE with its header; a certificate has 128 to 65,535 bytes (X.690 §8.1.3). */
function derLength(der: Uint8Array): number | undefined {
  const [tag, length, first = 0, second = 0] = der;
  if (tag !== 0x30) return undefined;
  if (length === 0x81) return 3 + first;
  if (length === 0x82) return 4 + first * 256 + second;
  return undefined;
}

function isSubject(name: string): boolean {
  return name.startsWith(CA_SUBJECT) &&
    /^[0-9a-f]{16}$/.test(name.slice(CA_SUBJECT.length));
}

async function keyOf(certificate: Certificate): Promise<CryptoKey | undefined> {
  const { algorithm } = certificate.publicKey as unknown as {
    algorithm: { name?: string; namedCurve?: string };
  };
  if (algorithm.name !== "ECDSA" || algorithm.namedCurve !== "P-256") {
    return undefined;
  }
  return await certificate.publicKey.export();
}

async function isSignedBy(
  certificate: Certificate,
  publicKey: CryptoKey,
): Promise<boolean> {
  const { hash } = certificate.signatureAlgorithm as unknown as {
    hash?: { name?: string };
  };
  return hash?.name === "SHA-256" &&
    await certificate.verify({ publicKey, signatureOnly: true });
}

/** Exactly these, in this order, each as critical and with the same value: one more could undo another. */
function sameExtensions(
  { extensions }: Certificate,
  expected: readonly { readonly rawData: ArrayBuffer }[],
): boolean {
  return extensions.length === expected.length &&
    extensions.every(({ rawData }, at) =>
      bytesEqual(
        new Uint8Array(rawData),
        new Uint8Array(expected[at]?.rawData ?? new ArrayBuffer(0)),
      )
    );
}

/** Whether every signed byte is as it would be made here: nothing that this reads over and a store does not. */
async function isAsMadeHere(
  x509: X509,
  ca: Certificate,
  publicKey: CryptoKey,
): Promise<boolean> {
  const { privateKey } = await generateEphemeralKeys();
  const { serialNumber, subject, issuer, notBefore, notAfter } = ca;
  const made = await x509.X509CertificateGenerator.create({
    ...{ serialNumber, subject, issuer, notBefore, notAfter, publicKey },
    signingKey: privateKey, // any: signatures are not compared
    signingAlgorithm: ALGORITHM,
    extensions: await caExtensions(x509, publicKey),
  });
  return serialNumber.length <= 40 && // RFC 5280 §4.1.2.2
    bytesEqual(beforeSignature(ca), beforeSignature(made));
}

/** A certificate's tbsCertificate and signatureAlgorithm (RFC 5280 §4.1), where nothing but a signature comes after them; else nothing. */
function beforeSignature({ rawData }: Certificate): Uint8Array {
  const der = new Uint8Array(rawData);
  const inner = der.subarray(der[1] === 0x81 ? 3 : 4);
  const signed = derLength(inner) ?? 0;
  const algorithm = 2 + (inner[signed + 1] ?? 0);
  const at = signed + algorithm;
  const signature = 2 + (inner[at + 1] ?? 0); // under 128 bytes
  const whole = inner[at] === 0x03 && at + signature === inner.length;
  return inner.subarray(0, whole ? at : 0);
}

function isOfNow({ notBefore, notAfter }: Certificate, now: number): boolean {
  const [from, until] = [notBefore, notAfter].map((date) =>
    date.getTime() / 1000
  );
  return from !== undefined && until !== undefined && from <= now &&
    now <= until && until - from <= CERTIFICATE_LIFETIME;
}

function bytesEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, at) => byte === other[at]);
}
