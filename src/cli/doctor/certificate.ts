import type { X509Certificate } from "node:crypto";
import { callbackHosts } from "../../login/callback_server.ts";
import { keptCertificate, readCertificate } from "../../login/certificate.ts";
import { formatDuration } from "../duration.ts";
import { formatWhen } from "../when.ts";
import { failed, failedWith, type Finding, ok, warning } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** How long before its end, in seconds, a certificate is worth a word. */
const SOON = 30 * 86_400;

/** Looks at the certificate that an https callback would be answered with. */
export async function certificateCheck(patient: Patient): Promise<Finding[]> {
  const { settings, now } = patient;
  const { callbackUrl, certFile, keyFile } = settings ?? {};
  if (
    settings === undefined || callbackUrl === undefined ||
    callbackHosts(callbackUrl).length === 0 ||
    new URL(callbackUrl).protocol !== "https:"
  ) return [];
  if (certFile !== undefined && keyFile !== undefined) {
    return await own(certFile, keyFile, new URL(callbackUrl).hostname, now);
  }
  if (certFile !== undefined || keyFile !== undefined) {
    return [
      failed("certificate", "a certificate of your own needs its key, too", {
        fix: "set both TD_CERT_FILE and TD_KEY_FILE, or neither",
      }),
    ];
  }
  const kept = keptCertificate(settings.configDir);
  if (kept !== undefined) {
    return [
      kept.notAfter > now + SOON
        ? ok("certificate", `tdauth's own, valid ${until(kept.notAfter, now)}`)
        : ok("certificate", "ends soon: the next login makes a new one"),
    ];
  }
  try {
    Deno.lstatSync(`${settings.configDir}/certificate.json`);
  } catch {
    return [ok("certificate", "the first login makes one")];
  }
  return [
    warning(
      "certificate",
      "the kept one is damaged or others could read it, so the next login makes a new one",
      { fix: "browsers will warn of it once more" },
    ),
  ];
}

/** The user's own files. */
async function own(
  certFile: string,
  keyFile: string,
  hostname: string,
  now: number,
): Promise<Finding[]> {
  const { X509Certificate, createPrivateKey } = await import("node:crypto");
  let certificate: X509Certificate;
  let matches: boolean;
  try {
    const { cert, key } = await readCertificate(certFile, keyFile);
    certificate = new X509Certificate(cert);
    matches = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    return [failedWith("certificate", error)];
  }
  const another = "make another one, or leave out TD_CERT_FILE and TD_KEY_FILE";
  const end = Date.parse(certificate.validTo) / 1000;
  const begin = Date.parse(certificate.validFrom) / 1000;
  const names = certificate.subjectAltName ?? "";
  const host = hostname.replace(/^\[|\]$/g, "");
  const fits = host === "localhost"
    ? certificate.checkHost(host)
    : certificate.checkIP(host);
  const findings = [
    ...(matches ? [] : [
      failed("certificate", `${keyFile} is not the key of ${certFile}`, {
        fix: "give a certificate and the key that belongs to it",
      }),
    ]),
    end <= now
      ? failed("certificate", `${certFile} expired on ${formatWhen(end)}`, {
        fix: another,
      })
      : begin > now
      ? failed(
        "certificate",
        `${certFile} is not valid before ${formatWhen(begin)}`,
        { fix: "check the clock" },
      )
      : end <= now + SOON
      ? warning("certificate", `${certFile} is valid ${until(end, now)}`, {
        fix: another,
      })
      : ok("certificate", `your own, valid ${until(end, now)}`),
    // Browsers look at these names alone, whatever else it says.
    ...(fits !== undefined && names !== "" ? [] : [
      failed("certificate", `${certFile} is not for ${host}`, { fix: another }),
    ]),
  ];
  const { mode } = Deno.statSync(keyFile);
  if (Deno.build.os !== "windows" && mode !== null && (mode & 0o077) !== 0) {
    findings.push(
      warning("certificate", `others may read the key in ${keyFile}`, {
        fix: "close it",
        command: `chmod 600 '${keyFile}'`,
      }),
    );
  }
  return findings;
}

function until(end: number, now: number): string {
  return `until ${formatWhen(end)} (${formatDuration(end - now)})`;
}
