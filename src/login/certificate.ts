import { updateFile } from "../cache/atomic_file.ts";
import { makePrivateDirectory, reason } from "../cache/private_path.ts";
import { TdauthError } from "../errors.ts";
import {
  makeSelfSigned,
  SELF_SIGNED_LIFETIME,
  type SelfSigned,
} from "./self_signed.ts";

/** A certificate for the callback server, and its private key. */
export interface CallbackCertificate {
  /** The certificate, PEM. */
  readonly cert: string;
  /** The private key, PEM (PKCS #8). */
  readonly key: string;
  /** When the certificate ends, in seconds since the epoch. */
  readonly notAfter: number;
  /** Whether it was made just now, so that browsers have not seen it before. */
  readonly made: boolean;
  /** Whether it is on disk; where it could not be written it serves this login alone. */
  readonly kept: boolean;
}

/** What may be changed about {@linkcode callbackCertificate}. */
export interface CallbackCertificateOptions {
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** How long before its end, in seconds, a certificate is renewed. */
const RENEW_BEFORE = 30 * 86_400;

/**
 * Gives the certificate for an https callback URL on this machine: the one kept
 * in `certificate.json`, or a new one, self-signed, for `localhost`,
 * `127.0.0.1` and `::1`. One that has expired, ends within 30 days, is damaged
 * or could be read by other users is replaced.
 *
 * @param directory The directory to keep it in, which is made when missing.
 * @param options The clock.
 * @returns The certificate and its key.
 * @throws {TdauthError} `certificate_failed` when none could be made.
 */
export async function callbackCertificate(
  directory: string,
  options: CallbackCertificateOptions = {},
): Promise<CallbackCertificate> {
  const now = Math.floor((options.now ?? Date.now)() / 1000);
  const path = `${directory}/certificate.json`;
  const kept = readKept(path);
  if (
    kept && kept.notAfter > now + RENEW_BEFORE &&
    // Longer than any that is made here: the clock was wrong when it was made.
    kept.notAfter <= now + SELF_SIGNED_LIFETIME
  ) {
    return { ...kept, made: false, kept: true };
  }
  const made = await makeSelfSigned(now);
  return { ...made, made: true, kept: keep(directory, path, made) };
}

function keep(directory: string, path: string, made: SelfSigned): boolean {
  try {
    makePrivateDirectory(directory);
    updateFile(
      path,
      () =>
        JSON.stringify(
          {
            version: 1,
            not_after: made.notAfter,
            cert: made.cert,
            key: made.key,
          },
          null,
          2,
        ) + "\n",
    );
    return true;
  } catch (error) {
    // A full or read-only disk must not prevent a login that needs no disk.
    if (error instanceof TdauthError) return false;
    throw error;
  }
}

/** The certificate on disk, or undefined when there is none that can be trusted. */
function readKept(path: string): SelfSigned | undefined {
  try {
    const { mode } = Deno.statSync(path);
    const file = JSON.parse(Deno.readTextFileSync(path));
    const { version, not_after: notAfter, cert, key } = file;
    const exposed = Deno.build.os !== "windows" && mode !== null &&
      (mode & 0o077) !== 0;
    return version === 1 && Number.isInteger(notAfter) && !exposed &&
        belongTogether(String(cert), String(key))
      ? { cert, key, notAfter }
      : undefined;
  } catch {
    return undefined; // absent, unreadable or damaged: a new one costs one more warning in the browser
  }
}

/** A PKCS #8 key as made here ends in its public point, which the certificate holds too (RFC 5915 §3, RFC 5480 §2.2). */
function belongTogether(cert: string, key: string): boolean {
  const point = fromPem(key, "PRIVATE KEY").slice(-65);
  return point.length === 65 && point.startsWith("\x04") &&
    fromPem(cert, "CERTIFICATE").includes(point);
}

function fromPem(pem: string, label: string): string {
  const body = new RegExp(
    `^-----BEGIN ${label}-----([^-]+)-----END ${label}-----\\s*$`,
  )
    .exec(pem)?.[1];
  return body === undefined ? "" : atob(body.replace(/\s+/g, ""));
}

/**
 * Reads the user's own certificate and key for the callback server.
 *
 * @param certFile A PEM file with the certificate, and those between it and its root.
 * @param keyFile A PEM file with the unencrypted private key.
 * @returns Both as text. Whether they belong together shows when the server starts.
 * @throws {TdauthError} `certificate_failed` when a file is missing or is not what it should be.
 */
export async function readCertificate(
  certFile: string,
  keyFile: string,
): Promise<{ readonly cert: string; readonly key: string }> {
  const cert = await readPem(certFile, "certificate");
  const key = await readPem(keyFile, "private key");
  if (!/^-----BEGIN CERTIFICATE-----\s/m.test(cert)) {
    throw unusable(
      certFile,
      "certificate",
      "it is not a certificate in PEM form",
    );
  }
  if (/^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(key)) {
    throw unusable(
      keyFile,
      "private key",
      "it is protected by a password",
      `make a copy without one: openssl pkey -in '${keyFile}' -out key.pem`,
    );
  }
  if (!/^-----BEGIN (?:RSA |EC )?PRIVATE KEY-----\s/m.test(key)) {
    throw unusable(
      keyFile,
      "private key",
      "it is not a private key in PEM form",
    );
  }
  return { cert, key };
}

async function readPem(path: string, what: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw unusable(path, what, reason(cause), undefined, cause);
  }
}

function unusable(
  path: string,
  what: string,
  why: string,
  hint = "give the certificate and its key as two PEM files",
  cause?: unknown,
): TdauthError {
  return new TdauthError(
    "certificate_failed",
    `Cannot use "${path}" as the callback server's ${what}: ${why}`,
    { hint, ...(cause === undefined ? {} : { cause }) },
  );
}
