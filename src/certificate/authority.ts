import { TdauthError } from "../base/errors.ts";
import { caName } from "./local_ca.ts";
import { fromPem } from "./pem.ts";

/** A CA that tdauth made, as trust stores know it. */
export interface Authority {
  /** Its certificate, PEM. */
  readonly pem: string;
  /** Its common name, which no other has. */
  readonly name: string;
  /** The certificate's SHA-256, hexadecimal. */
  readonly sha256: string;
  /** The certificate's SHA-1, hexadecimal: macOS and Windows find certificates by it. */
  readonly sha1: string;
}

declare const verified: unique symbol;

/**
 * A CA whose certificate was looked at: it can vouch for this machine's loopback
 * names alone. Only {@linkcode verifyAuthority} makes one, and nothing else is
 * put into a trust store or named in a command that does.
 */
export interface VerifiedAuthority extends Authority {
  readonly [verified]: true;
}

/**
 * Reads the certificate of a CA, to look for it or to take it out of a store.
 *
 * @param pem The certificate, PEM.
 * @returns What trust stores know it by.
 * @throws {TdauthError} `certificate_failed` when it is none that tdauth made.
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
