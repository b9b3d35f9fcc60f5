/** Certificates under a CA whose key the test keeps, which `makeLocalCertificate()` would not. */
import { importX509 } from "../../src/certificate/local_ca.ts";

/** How keys are made and used. */
export const ALGORITHM = {
  name: "ECDSA",
  namedCurve: "P-256",
  hash: "SHA-256",
};

/**
 * Signs a server's certificate.
 *
 * @param ca The CA's certificate, PEM.
 * @param caKeys Its keys.
 * @param names Its names, such as `dns:example.test`.
 * @param more Its subject, and extensions in place of `serverAuth`.
 * @returns The certificate and its key, PEM.
 */
export async function signUnder(
  ca: string,
  caKeys: CryptoKeyPair,
  names: readonly string[],
  more: {
    readonly subject?: string;
    readonly extensions?: readonly InstanceType<
      Awaited<ReturnType<typeof importX509>>["Extension"]
    >[];
  } = {},
): Promise<{ cert: string; key: string }> {
  const x509 = await importX509();
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]);
  const san = names.map((name) => {
    const [, type, value] = /^(\w+):(.*)$/.exec(name) ?? [];
    return { type: type as "dns" | "ip" | "email" | "url", value: value ?? "" };
  });
  const cert = await x509.X509CertificateGenerator.create({
    subject: more.subject ?? "O=somebody",
    issuer: new x509.X509Certificate(ca).subject,
    serialNumber: "4242",
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    extensions: [
      ...more.extensions ?? [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      ],
      ...(san.length > 0
        ? [new x509.SubjectAlternativeNameExtension(san)]
        : []),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const key = new Uint8Array(
    await crypto.subtle.exportKey("pkcs8", keys.privateKey),
  );
  return {
    cert: cert.toString("pem") + "\n",
    key: x509.PemConverter.encode(key, "PRIVATE KEY") + "\n",
  };
}
