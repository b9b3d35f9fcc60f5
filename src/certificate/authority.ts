import { TdauthError } from "../base/errors.ts";
import { caName } from "./local_ca.ts";
import { fromPem } from "./pem.ts";

/** A CA that tdauth generated, as trust stores identify it. */
export interface Authority {
  /** Its certificate, PEM. */
  readonly pem: string;
  /** Its common name, which is unique. */
  readonly name: string;
  /** The certificate's SHA-256, hexadecimal. */
  readonly sha256: string;
  /** The certificate's SHA-1, hexadecimal: macOS and Windows find certificates by it. */
  readonly sha1: string;
}

declare const verified: unique symbol;

/**
 * A CA whose certificate was verified: it can only vouch for this machine's
 * loopback names. Only {@linkcode verifyAuthority} returns one, and nothing
 * else is added to a trust store or named in a command that does so.
 */
export interface VerifiedAuthority extends Authority {
  readonly [verified]: true;
}

/**
 * Reads the certificate of a CA, to find it in a store or remove it.
 *
 * @param pem The certificate, PEM.
 * @returns How trust stores identify it.
 * @throws {TdauthError} `certificate_failed` when tdauth did not generate it.
 */
export async function readAuthority(pem: string): Promise<Authority> {
  const der = fromPem(pem);
  const name = caName(der);
  if (name === undefined) {
    throw new TdauthError(
      "certificate_failed",
      "Cannot use the local CA: its certificate is damaged",
      { hint: { text: "generate a new one:", command: ["cert", "renew"] } },
    );
  }
  const bytes = Uint8Array.from(der, (character) => character.charCodeAt(0));
  return {
    pem,
    name,
    sha256: await hexDigest("SHA-256", bytes),
    sha1: await hexDigest("SHA-1", bytes),
  };
}

async function hexDigest(
  algorithm: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm, bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
