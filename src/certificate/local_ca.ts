import { reason } from "../system/system_error.ts";
import { TdauthError } from "../base/errors.ts";
import { missingPackage } from "../base/missing_package.ts";
import { loopbackConstraints } from "./name_constraints.ts";

/** The library. */
export type X509 = typeof import("@peculiar/x509");
type Extension = InstanceType<X509["Extension"]>;

/** A certificate for this machine's loopback names, its key, and the throw-away CA that signed it. */
export interface LocalCertificate {
  /** The certificate, PEM. */
  readonly cert: string;
  /** The certificate of the CA that signed it, PEM. Its key no longer exists. */
  readonly ca: string;
  /** The certificate's private key, PEM (PKCS #8). */
  readonly key: string;
  /** When both certificates end, in seconds since the epoch. */
  readonly notAfter: number;
}

const DAY = 86_400; // seconds
/** How long a certificate is valid, in seconds: browsers accept 398 days (CA/Browser Forum baseline §6.3.2), less one in reserve. */
export const CERTIFICATE_LIFETIME: number = 397 * DAY;
/** It begins a day ago, for clocks that were turned back since. */
const HEAD_START = DAY;
/** The last time that a certificate can have, in seconds since the epoch: the year 9999 (RFC 5280 §4.1.2.5). */
const LATEST = 253_402_300_799;
/** The signature algorithm. */
export const ALGORITHM = {
  name: "ECDSA",
  namedCurve: "P-256",
  hash: "SHA-256",
};

/**
 * Generates a certificate (ECDSA, P-256) for a server on `localhost`,
 * `127.0.0.1` and `::1` under its own CA, which is constrained to those names
 * and
 * whose private key cannot be exported and is forgotten once it has signed this
 * one certificate: a browser that trusts the CA trusts nothing else by it.
 *
 * @param now The time, in seconds since the epoch.
 * @returns The certificate, its key and the CA's certificate.
 * @throws {TdauthError} `certificate_failed` when it cannot be generated.
 */
export async function makeLocalCertificate(
  now: number,
): Promise<LocalCertificate> {
  // Servers reject what is before 1970 or after 9999, with words that name no clock.
  if (!(now >= 0 && now <= LATEST - CERTIFICATE_LIFETIME)) {
    throw new TdauthError(
      "certificate_failed",
      `Cannot generate a certificate for the callback server: this machine's clock is in the year ${
        new Date(now * 1000).getUTCFullYear()
      }`,
      { hint: "set the clock" },
    );
  }
  try {
    return await makeWith(await generateEphemeralKeys(), now);
  } catch (cause) {
    const missing = missingPackage(cause);
    throw new TdauthError(
      "certificate_failed",
      `Cannot generate a certificate for the callback server: ${
        missing === undefined
          ? reason(cause)
          : missing.message.replace(/^C/, "c")
      }`,
      {
        hint: missing === undefined
          ? "use your own certificate and key, as PEM files"
          : "run it once with network access, or use your own certificate and key",
        cause,
      },
    );
  }
}

/**
 * Generates keys for one CA. The private key is not extractable: nothing can
 * write it anywhere, and it ends with the last reference to it.
 *
 * @returns The keys.
 */
export function generateEphemeralKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
}

/**
 * Generates the CA of a key pair, and a certificate under it. Tests pass keys
 * that they keep, to try what such a CA could sign.
 *
 * @param caKeys The CA's keys.
 * @param now The time, in seconds since the epoch.
 * @returns The certificate, its key and the CA's certificate.
 */
export async function makeWith(
  caKeys: CryptoKeyPair,
  now: number,
): Promise<LocalCertificate> {
  const x509 = await importX509();
  const notBefore = Math.max(0, now - HEAD_START);
  const notAfter = notBefore + CERTIFICATE_LIFETIME - 1; // both ends count (RFC 5280 §4.1.2.5)
  const common = {
    notBefore: new Date(notBefore * 1000),
    notAfter: new Date(notAfter * 1000),
    signingAlgorithm: ALGORITHM,
  };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...common,
    serialNumber: serialNumber(),
    // A unique name: trust stores and verifiers find certificates by name.
    name: `${CA_SUBJECT}${randomHex(8)}`,
    keys: caKeys,
    extensions: await caExtensions(x509, caKeys.publicKey),
  });
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]);
  const leaf = await x509.X509CertificateGenerator.create({
    ...common,
    serialNumber: serialNumber(),
    subject: LEAF_SUBJECT,
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: await leafExtensions(x509, caKeys.publicKey),
  });
  const key = new Uint8Array(
    await crypto.subtle.exportKey("pkcs8", keys.privateKey),
  );
  return {
    cert: leaf.toString("pem") + "\n",
    ca: ca.toString("pem") + "\n",
    key: x509.PemConverter.encode(key, "PRIVATE KEY") + "\n",
    notAfter,
  };
}

const NAME_CONSTRAINTS = "2.5.29.30";
/** The name of every CA generated here, before its own 16 hexadecimal digits. */
const CA_NAME = "tdauth local CA";
/** The same as a distinguished name. */
export const CA_SUBJECT = `O=tdauth, CN=${CA_NAME} `;
/** The name of every certificate under one. */
export const LEAF_SUBJECT = "O=tdauth, CN=localhost";

/**
 * Returns the extensions of a CA, by which it can only vouch for this machine's
 * loopback names. Generation and verification both use them.
 *
 * @param x509 The library.
 * @param publicKey The CA's public key.
 * @returns All of them, in their order.
 */
export async function caExtensions(
  x509: X509,
  publicKey: CryptoKey,
): Promise<Extension[]> {
  return [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    new x509.Extension(NAME_CONSTRAINTS, true, loopbackConstraints()),
    serverAuth(x509), // in a CA it limits what may be below (Mozilla, Microsoft, Chromium and OpenSSL honour it)
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ];
}

/**
 * Returns the extensions of the callback server's certificate.
 *
 * @param x509 The library.
 * @param caKey The public key of the CA that signs it.
 * @returns All of them, in their order.
 */
export async function leafExtensions(
  x509: X509,
  caKey: CryptoKey,
): Promise<Extension[]> {
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    serverAuth(x509),
    new x509.SubjectAlternativeNameExtension([
      { type: "dns", value: "localhost" },
      { type: "ip", value: "127.0.0.1" },
      { type: "ip", value: "::1" },
    ]),
    await x509.AuthorityKeyIdentifierExtension.create(caKey),
  ];
}

function serverAuth(x509: X509): Extension {
  return new x509.ExtendedKeyUsageExtension([
    x509.ExtendedKeyUsage.serverAuth,
  ]);
}

/**
 * Finds the name of the CA generated here that a certificate belongs to or was signed by.
 *
 * @param der The certificate, a character a byte.
 * @returns For instance `tdauth local CA 0123456789abcdef`; nothing for other certificates.
 */
export function caName(der: string): string | undefined {
  return new RegExp(`${CA_NAME} [0-9a-f]{16}`).exec(der)?.[0];
}

/** A positive number of 127 random bits (RFC 5280 §4.1.2.2), hexadecimal. */
function serialNumber(): string {
  const hex = randomHex(16);
  return ((parseInt(hex.slice(0, 2), 16) & 0x7f) | 0x40).toString(16) +
    hex.slice(2);
}

function randomHex(length: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/**
 * Imports the library, which refuses to load without the metadata functions
 * that a polyfill adds to `Reflect`, although it works without their results.
 * They exist only during the import, so that a user's program keeps its own
 * Reflect.
 *
 * @returns The library.
 */
export async function importX509(): Promise<X509> {
  const lent = ["getMetadata", "getOwnMetadata", "defineMetadata"]
    .filter((name) => !(name in Reflect));
  for (const name of lent) {
    Object.defineProperty(Reflect, name, {
      value: () => undefined,
      configurable: true,
    });
  }
  try {
    return await import("@peculiar/x509");
  } finally {
    for (const name of lent) Reflect.deleteProperty(Reflect, name);
  }
}
