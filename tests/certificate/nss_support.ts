/** Certificate databases of NSS for tests, and NSS's own view of them. */
import { existsSync } from "node:fs";
import {
  importX509,
  makeLocalCertificate,
} from "../../src/certificate/local_ca.ts";
import type { VerifiedAuthority } from "../../src/certificate/authority.ts";
import { programRunner } from "../../src/certificate/must_run.ts";
import { verifyAuthority } from "../../src/certificate/verify_authority.ts";

/** Whether there is NSS's own tool. */
export const certutilMissing = !existsSync("/usr/bin/certutil");

/** A test that needs certutil, or says that it is not there. */
export function certutilTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: certutilMissing
      ? `${name} (ignored: there is no certutil, see libnss3-tools)`
      : name,
    ignore: certutilMissing,
    fn,
  });
}

/** Runs tools as the command does. */
export const run = programRunner({
  PATH: "/usr/bin:/bin",
  LC_ALL: "C",
});

/** Runs certutil, which must succeed, and gives what it writes. */
export async function certutil(
  directory: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  const { code, stdout, stderr } = await run({
    program: "certutil",
    args: [...args, "-d", `sql:${directory}`],
    ...(input !== undefined && { input }),
  });
  if (code !== 0) throw new Error(`certutil ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Makes a database, as a browser does. */
export async function makeDatabase(directory: string): Promise<void> {
  Deno.mkdirSync(directory, { recursive: true });
  await certutil(directory, ["-N", "--empty-password"]);
}

/** All that a database holds: names, trust and certificates. */
export async function contents(directory: string): Promise<string> {
  const list = await certutil(directory, ["-L"]);
  const names = list.split("\n").slice(4)
    .map((line) => /^(.*?) +\S*,\S*,\S* *$/.exec(line)?.[1] ?? "")
    .filter((name) => name !== "");
  const parts = [list.split("\n").sort().join("\n")];
  for (const name of names.sort()) {
    parts.push(await certutil(directory, ["-L", "-n", name, "-a"]));
  }
  return parts.join("\n");
}

/** A CA as `tdauth` makes it. */
export async function newAuthority(): Promise<VerifiedAuthority> {
  const now = Math.floor(Date.now() / 1000);
  return await verifyAuthority(await makeLocalCertificate(now), now);
}

/** Another's CA, PEM. */
export async function otherCa(name: string): Promise<string> {
  const x509 = await importX509();
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, [
    "sign",
    "verify",
  ]);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return ca.toString("pem") + "\n";
}

/** Adds another's CA to a database, trusted for everything. */
export async function addOther(directory: string, name: string): Promise<void> {
  await certutil(
    directory,
    ["-A", "-n", name, "-t", "CT,C,C", "-a"],
    await otherCa(name),
  );
}
