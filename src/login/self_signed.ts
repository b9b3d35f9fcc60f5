import { reason } from "../cache/private_path.ts";
import { TdauthError } from "../errors.ts";

/** A certificate that signs itself, and its private key. */
export interface SelfSigned {
  /** The certificate, PEM. */
  readonly cert: string;
  /** The private key, PEM (PKCS #8). */
  readonly key: string;
  /** When the certificate ends, in seconds since the epoch. */
  readonly notAfter: number;
}

const DAY = 86_400; // seconds
/** How long a certificate is valid, in seconds: browsers accept 398 days (CA/Browser Forum baseline §6.3.2), less one in reserve. */
export const SELF_SIGNED_LIFETIME: number = 397 * DAY;
/** It begins a day ago, for clocks that were turned back since. */
const HEAD_START = DAY;

/**
 * Makes a self-signed certificate (ECDSA, P-256) for a server on `localhost`,
 * `127.0.0.1` and `::1`, that cannot sign others.
 *
 * @param now The time, in seconds since the epoch.
 * @returns The certificate and its key.
 * @throws {TdauthError} `certificate_failed` when it cannot be made.
 */
export async function makeSelfSigned(now: number): Promise<SelfSigned> {
  try {
    const x509 = await importX509();
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await crypto.subtle.generateKey(algorithm, true, [
      "sign",
      "verify",
    ]);
    const notBefore = now - HEAD_START;
    const notAfter = notBefore + SELF_SIGNED_LIFETIME - 1; // both ends count (RFC 5280 §4.1.2.5)
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: "CN=localhost, O=tdauth",
      notBefore: new Date(notBefore * 1000),
      notAfter: new Date(notAfter * 1000),
      keys,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: "dns", value: "localhost" },
          { type: "ip", value: "127.0.0.1" },
          { type: "ip", value: "::1" },
        ]),
      ],
    });
    const key = new Uint8Array(
      await crypto.subtle.exportKey("pkcs8", keys.privateKey),
    );
    return {
      cert: certificate.toString("pem") + "\n",
      key: x509.PemConverter.encode(key, "PRIVATE KEY") + "\n",
      notAfter,
    };
  } catch (cause) {
    throw new TdauthError(
      "certificate_failed",
      `Cannot make a certificate for the callback server: ${reason(cause)}`,
      { hint: "give your own certificate and key, as PEM files", cause },
    );
  }
}

/** A positive number of 127 random bits (RFC 5280 §4.1.2.2), hexadecimal. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/**
 * Imports the library, which refuses to load without the metadata functions
 * that a polyfill adds to `Reflect`, although it works without their answers.
 * They are lent for the import, so that a user's program keeps its own Reflect.
 *
 * @returns The library.
 */
export async function importX509(): Promise<typeof import("@peculiar/x509")> {
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
