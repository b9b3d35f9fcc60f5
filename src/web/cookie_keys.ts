import { type Box, boxOf } from "../seal/box.ts";
import { TdauthError } from "../base/errors.ts";

/** The least length of a key, in characters: 32 of Base64url hold 192 random bits. */
const LEAST = 32;

/** Encrypts cookies with keys that can be rotated. */
export interface CookieSealer {
  /** Encrypts with the first key. */
  readonly seal: (value: unknown, context: string) => Promise<string>;
  /** Decrypts with the matching key; `undefined` when none matches. */
  readonly open: (sealed: string, context: string) => Promise<unknown>;
}

/**
 * Makes the sealer of the cookies. A key is never used directly: HKDF (RFC
 * 5869) derives the encryption key, so any text will do.
 *
 * @param keys The keys, the newest first: only it encrypts, all decrypt.
 * @returns The sealer.
 * @throws {TdauthError} `invalid_options` when there is none or one is too short.
 */
export function cookieSealer(keys: readonly string[]): CookieSealer {
  if (keys.length === 0 || keys.some((key) => key.length < LEAST)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot protect cookies: ${
        keys.length === 0
          ? "no key is set"
          : `a key is shorter than ${LEAST} characters`
      }`,
      {
        hint:
          "set cookieKeys to random strings, for example from: openssl rand -base64 32",
      },
    );
  }
  let boxes: Promise<Box[]> | undefined;
  const all = () => boxes ??= Promise.all(keys.map(boxOfText));
  return {
    async seal(value, context) {
      const [newest] = await all() as [Box];
      return await newest.seal(JSON.stringify(value), context);
    },
    async open(sealed, context) {
      for (const box of await all()) {
        const text = await box.open(sealed, context);
        if (text !== undefined) return JSON.parse(text);
      }
      return undefined;
    },
  };
}

async function boxOfText(text: string): Promise<Box> {
  const encoder = new TextEncoder();
  const material = await crypto.subtle.importKey(
    "raw",
    encoder.encode(text),
    "HKDF",
    false,
    ["deriveBits"],
  );
  const bits = await crypto.subtle.deriveBits(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(),
      info: encoder.encode("tdauth cookies"),
    },
    material,
    256,
  );
  return await boxOf(new Uint8Array(bits));
}
