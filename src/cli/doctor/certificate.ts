import { callbackHosts } from "../../login/callback_server.ts";
import {
  keptCertificate,
  readCertificate,
} from "../../certificate/certificate.ts";
import { listenError } from "../../login/listen_error.ts";
import { importX509 } from "../../certificate/local_ca.ts";
import { TdauthError } from "../../base/errors.ts";
import type { Settings } from "../../settings/settings.ts";
import { formatDuration } from "../terminal/duration.ts";
import { formatWhen } from "../terminal/when.ts";
import { failed, failedWith, type Finding, ok, warning } from "./finding.ts";
import type { Facts } from "./facts.ts";
import { shellWord } from "../../base/shell_word.ts";
import { isOpenToOthers, isThere, statOf } from "../../system/file_stat.ts";
import { tryToListen } from "../../system/listen.ts";

/** How long before its expiry to report a certificate, in seconds. */
const SOON = 30 * 86_400;

/** Checks the certificate of an https callback. */
export async function certificateCheck(facts: Facts): Promise<Finding[]> {
  const { settings, now } = facts;
  if (settings === undefined || !usesCertificate(settings)) return [];
  const { callbackUrl = "", certFile, keyFile } = settings;
  if (certFile !== undefined && keyFile !== undefined) {
    return await own(certFile, keyFile, new URL(callbackUrl).hostname, now);
  }
  if (certFile !== undefined || keyFile !== undefined) {
    return [
      failed("certificate", "your own certificate also needs its key", {
        fix: "set both TD_CERT_FILE and TD_KEY_FILE, or neither",
      }),
    ];
  }
  const kept = keptCertificate(settings.configDir);
  if (kept !== undefined) {
    return [
      kept.notAfter > now + SOON
        ? ok("certificate", `tdauth's own, valid ${until(kept.notAfter, now)}`)
        : ok("certificate", "expires soon: the next login generates a new one"),
    ];
  }
  if (!isThere(`${settings.configDir}/certificate.json`)) {
    return [ok("certificate", "the first login generates one")];
  }
  return [
    warning(
      "certificate",
      "the stored one is damaged or was readable by others, so the next login generates a new one",
      { fix: "browsers will warn about it again" },
    ),
  ];
}

/** Whether the callback URL is https and on this machine. */
export function usesCertificate({ callbackUrl = "" }: Settings): boolean {
  return callbackHosts(callbackUrl).length > 0 &&
    new URL(callbackUrl).protocol === "https:";
}

/** The user's own files. */
async function own(
  certFile: string,
  keyFile: string,
  hostname: string,
  now: number,
): Promise<Finding[]> {
  const another = "use another one, or unset TD_CERT_FILE and TD_KEY_FILE";
  const findings: Finding[] = [];
  try {
    const { cert, key } = await readCertificate(certFile, keyFile);
    findings.push(...await described(cert, certFile, hostname, now, another));
    // Any free port, briefly: the runtime compares the two as a login's server does.
    tryToListen("127.0.0.1", 0, { cert, key });
  } catch (error) {
    const told = error instanceof TdauthError
      ? error
      : listenError(error, "127.0.0.1", 0);
    return [failedWith("certificate", told)];
  }
  if (isOpenToOthers(statOf(keyFile))) {
    findings.push(
      warning("certificate", `others can read the key in ${keyFile}`, {
        fix: "restrict its permissions",
        command: `chmod 600 ${shellWord(keyFile)}`,
      }),
    );
  }
  return findings;
}

/** Checks a certificate's dates and names. */
async function described(
  pem: string,
  file: string,
  hostname: string,
  now: number,
  another: string,
): Promise<Finding[]> {
  const x509 = await importX509();
  const [first = pem] =
    /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem) ?? [];
  const certificate = new x509.X509Certificate(first);
  const begin = certificate.notBefore.getTime() / 1000;
  const end = certificate.notAfter.getTime() / 1000;
  // Browsers check only these names.
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)
    ?.names.items.map(({ value }) => hostOf(value)) ?? [];
  return [
    end <= now
      ? failed("certificate", `${file} expired on ${formatWhen(end)}`, {
        fix: another,
      })
      : begin > now
      ? failed(
        "certificate",
        `${file} is not valid before ${formatWhen(begin)}`,
        { fix: "check the clock" },
      )
      : end <= now + SOON
      ? warning("certificate", `${file} is valid ${until(end, now)}`, {
        fix: another,
      })
      : ok("certificate", `your own, valid ${until(end, now)}`),
    ...(names.includes(hostname) ? [] : [
      failed("certificate", `${file} is not for ${hostname}`, { fix: another }),
    ]),
  ];
}

/** A name or address as a URL has it, where ::1 is [::1] however it is written. */
function hostOf(name: string): string {
  const url = `http://${name.includes(":") ? `[${name}]` : name}`;
  return URL.canParse(url) ? new URL(url).hostname : name;
}

function until(end: number, now: number): string {
  return `until ${formatWhen(end)} (${formatDuration(end - now)})`;
}
