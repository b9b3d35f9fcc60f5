import { updateFile } from "../system/atomic_file.ts";
import { notOurs } from "../system/own_files.ts";
import { makePrivateDirectory } from "../system/private_path.ts";
import { reason } from "../system/system_error.ts";
import { decodeText } from "../base/decode_text.ts";
import { TdauthError } from "../base/errors.ts";
import {
  caName,
  CERTIFICATE_LIFETIME,
  type LocalCertificate,
  makeLocalCertificate,
} from "./local_ca.ts";
import { fromPem } from "./pem.ts";
import { shellWord } from "../base/shell_word.ts";
import { isOpenToOthers, statOf } from "../system/file_stat.ts";
import { readRegular, readTextFile } from "../system/read_text.ts";

/** A certificate for the callback server, and its private key. */
export interface CallbackCertificate {
  /** The certificate, and that of the CA that signed it, PEM. */
  readonly cert: string;
  /** Only the certificate, PEM. */
  readonly leaf: string;
  /** Only the CA's certificate, PEM. */
  readonly ca: string;
  /** The certificate's private key, PEM (PKCS #8). */
  readonly key: string;
  /** When the certificates end, in seconds since the epoch. */
  readonly notAfter: number;
  /** Whether it is new, so that browsers have not seen it before. */
  readonly made: boolean;
  /** Whether it is on disk; if it could not be written it serves only this login. */
  readonly kept: boolean;
}

/** Options of {@linkcode callbackCertificate}. */
export interface CallbackCertificateOptions {
  /** The clock, in milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** Whether to generate a new one even if one is stored. @default {false} */
  readonly renew?: boolean;
}

/** The longest file of the user's that is read, in bytes. */
const LONGEST = 2 ** 20;

/** How long before its end, in seconds, a certificate is renewed. */
export const RENEW_BEFORE: number = 30 * 86_400;

/**
 * Returns the certificate for an https callback URL on this machine: the one
 * stored in `certificate.json`, or a new one for `localhost`, `127.0.0.1` and
 * `::1`
 * under a throw-away CA. One that has expired, ends within 30 days, is damaged
 * or could be read by other users is replaced, its CA with it.
 *
 * @param directory The directory to store it in, created if missing.
 * @param options The clock, and whether to generate a new one.
 * @returns The certificate and its key.
 * @throws {TdauthError} `certificate_failed` when none could be generated.
 */
export async function callbackCertificate(
  directory: string,
  options: CallbackCertificateOptions = {},
): Promise<CallbackCertificate> {
  const now = Math.floor((options.now ?? Date.now)() / 1000);
  const kept = options.renew ? undefined : keptCertificate(directory);
  if (
    kept && kept.notAfter > now + RENEW_BEFORE &&
    // Longer than any generated here: the clock was wrong then.
    kept.notAfter <= now + CERTIFICATE_LIFETIME &&
    await isKeyWhole(kept.key)
  ) {
    return { ...chained(kept), made: false, kept: true };
  }
  const made = await makeLocalCertificate(now);
  return { ...chained(made), made: true, kept: keep(directory, made) };
}

/** The chain that servers present: with the certificate that signed it (RFC 8446 §4.4.2). */
function chained(
  certificate: LocalCertificate,
): LocalCertificate & { readonly leaf: string } {
  const { cert: leaf, ca } = certificate;
  return { ...certificate, leaf, cert: leaf + ca };
}

/**
 * Returns the path of the certificate's file.
 *
 * @param directory The directory that it is stored in.
 * @returns The path.
 */
export function certificatePath(directory: string): string {
  return `${directory}/certificate.json`;
}

function keep(directory: string, made: LocalCertificate): boolean {
  try {
    makePrivateDirectory(directory);
    updateFile(
      certificatePath(directory),
      (old) => {
        refuseOther(certificatePath(directory), old);
        return JSON.stringify(
          {
            version: 2,
            not_after: made.notAfter,
            cert: made.cert,
            ca: made.ca,
            key: made.key,
          },
          null,
          2,
        ) + "\n";
      },
    );
    return true;
  } catch (error) {
    // A full or read-only disk must not prevent a login that needs no disk.
    if (error instanceof TdauthError) return false;
    throw error;
  }
}

function hasOurKeysAlone(text: string): boolean {
  try {
    const keys = Object.keys(JSON.parse(text));
    return keys.includes("not_after") &&
      keys.every((key) =>
        ["version", "not_after", "cert", "ca", "key"].includes(key)
      );
  } catch {
    return false;
  }
}

/** The start of the file. */
const BEGINNING = '{\n  "version": 2,\n  "not_after": ';

/** Other programs store certificates under that name, too: theirs is not overwritten. */
function refuseOther(path: string, old = ""): void {
  const nothing = /^\s*(null|\[\]|\{\}|\0*)\s*$/.test(old);
  // A damaged one of ours is recognized by its intact start.
  const damaged = BEGINNING.startsWith(old.slice(0, BEGINNING.length));
  if (!nothing && !damaged && !hasOurKeysAlone(old)) throw notOurs(path);
}

/**
 * Reads the certificate on disk; generates none and loads no library.
 *
 * @param directory The directory that it is stored in.
 * @returns The certificate, even if expired; nothing if there is none that can be trusted.
 */
export function keptCertificate(
  directory: string,
): LocalCertificate | undefined {
  try {
    const path = certificatePath(directory);
    const stat = statOf(path);
    const file = JSON.parse(readTextFile(path));
    const { version, not_after: notAfter, cert, ca, key } = file;
    return version === 2 && Number.isInteger(notAfter) &&
        !isOpenToOthers(stat) &&
        belongTogether(String(cert), String(ca), String(key))
      ? { cert, ca, key, notAfter }
      : undefined;
  } catch {
    return undefined; // absent, unreadable or damaged: a new one costs one more warning in the browser
  }
}

/** A PKCS #8 key generated here ends in its public point, which the certificate holds too (RFC 5915 §3, RFC 5480 §2.2), as it holds its CA's name. */
function belongTogether(cert: string, ca: string, key: string): boolean {
  const point = fromPem(key, "PRIVATE KEY").slice(-65);
  const leaf = fromPem(cert);
  const name = caName(leaf);
  return point.length === 65 && point.startsWith("\x04") &&
    leaf.includes(point) && name !== undefined && name === caName(fromPem(ca));
}

/** Whether a key signs what its own public point verifies: a changed bit would fail every handshake of the login. */
async function isKeyWhole(key: string): Promise<boolean> {
  const bytes = Uint8Array.from(
    fromPem(key, "PRIVATE KEY"),
    (character) => character.charCodeAt(0),
  );
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const hash = { name: "ECDSA", hash: "SHA-256" };
  const text = new Uint8Array(32);
  const { subtle } = crypto;
  try {
    const [secret, point] = await Promise.all([
      subtle.importKey("pkcs8", bytes, curve, false, ["sign"]),
      subtle.importKey("raw", bytes.slice(-65), curve, false, ["verify"]),
    ]);
    const signature = await subtle.sign(hash, secret, text);
    return await subtle.verify(hash, point, signature, text);
  } catch {
    return false;
  }
}

/**
 * Reads the user's own certificate and key for the callback server.
 *
 * @param certFile A PEM file with the certificate, and those between it and its root.
 * @param keyFile A PEM file with the unencrypted private key.
 * @returns Both as text. Whether they match shows when the server starts.
 * @throws {TdauthError} `certificate_failed` when a file is missing or invalid.
 */
// deno-lint-ignore require-await -- what it throws must become a rejection
export async function readCertificate(
  certFile: string,
  keyFile: string,
): Promise<{ readonly cert: string; readonly key: string }> {
  const cert = readPem(certFile, "certificate");
  const key = readPem(keyFile, "private key");
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
      "it is password-protected",
      `make a copy without one: openssl pkey -in ${
        shellWord(keyFile)
      } -out key.pem`,
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

function readPem(path: string, what: string): string {
  try {
    const { bytes } = readRegular(path, LONGEST);
    return decodeText(bytes) ?? new TextDecoder().decode(bytes);
  } catch (cause) {
    throw unusable(path, what, reason(cause), undefined, cause);
  }
}

function unusable(
  path: string,
  what: string,
  why: string,
  hint = "use two PEM files, one for the certificate and one for its key",
  cause?: unknown,
): TdauthError {
  return new TdauthError(
    "certificate_failed",
    `Cannot use "${path}" as the callback server's ${what}: ${why}`,
    { hint, ...(cause === undefined ? {} : { cause }) },
  );
}
