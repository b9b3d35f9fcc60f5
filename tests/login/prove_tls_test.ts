import assert from "node:assert/strict";
import { proveTls } from "../../src/login/prove_tls.ts";
import { importX509 } from "../../src/certificate/local_ca.ts";
import { localTls, start } from "./server_support.ts";
import { reservePort } from "../support.ts";

Deno.test("proveTls() fails where something else than TLS answers, or nothing", async () => {
  const { cert } = await localTls;
  await using it = await start("http");
  await assert.rejects(proveTls("127.0.0.1", it.port, cert), {
    code: "certificate_failed",
  });
  using reserved = reservePort();
  await assert.rejects(proveTls("127.0.0.1", reserved.port, cert), {
    code: "certificate_failed",
  });
});

Deno.test("proveTls() leaves it to the browser for what name a certificate is, and whether it has expired", async () => {
  const x509 = await importX509();
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=other.example",
    notBefore: new Date(Date.now() - 2 * 86_400_000),
    notAfter: new Date(Date.now() - 86_400_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "other.example" },
      ]),
    ],
  });
  const key = new Uint8Array(
    await crypto.subtle.exportKey("pkcs8", keys.privateKey),
  );
  const tls = {
    cert: certificate.toString("pem"),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
  await using it = await start("https", "", { tls });
  await proveTls("127.0.0.1", it.port, tls.cert);
});
