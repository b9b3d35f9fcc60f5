import { TdauthError } from "../base/errors.ts";
import { sealDamaged } from "../token/sealed_text.ts";
import { fromBase64Url, toBase64Url } from "./box.ts";
import type { SealBytes, SealKey } from "./seal_key.ts";

/**
 * Returns a raw key: 32 random bytes, Base64 or Base64url. Of several, separated
 * by spaces or commas, the first one seals and any of them opens; the next write
 * reseals with the first one. To rotate keys, add the new one after the old one
 * everywhere, then move it to the front, and remove the old one when it no longer
 * seals anything.
 *
 * @param text The key, or several.
 * @returns The key.
 * @throws {TdauthError} `invalid_options` when it is not that.
 */
export function rawKey(text: string): SealKey {
  const keys = text.split(/[\s,]+/).filter((part) => part !== "").map(bytesOf);
  const first = keys[0];
  if (first === undefined) throw noKey();
  let found: Promise<readonly string[]> | undefined;
  const ids = () => found ??= Promise.all(keys.map(idOf));
  return {
    from: "key",
    make: async () => ({ key: first, parameters: (await ids())[0] ?? "" }),
    async find(parameters) {
      const key = keys[(await ids()).indexOf(parameters)];
      if (key === undefined) throw sealDamaged();
      return key;
    },
    renews: async (parameters) => (await ids())[0] !== parameters,
  };
}

/** A key's name among others: a hash reveals nothing about 32 random bytes. */
async function idOf(key: SealBytes): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", key);
  return toBase64Url(new Uint8Array(hash, 0, 6));
}

function bytesOf(text: string): SealBytes {
  let key: SealBytes | undefined;
  try {
    key = fromBase64Url(
      text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
    );
  } catch {
    // Reported below.
  }
  if (key?.length !== 32) throw noKey();
  return key;
}

function noKey(): TdauthError {
  return new TdauthError(
    "invalid_options",
    "Cannot use the key of the sealed tokens (TD_CACHE_KEY): it is not 32 bytes in Base64",
    { hint: "generate one: openssl rand -base64 32" },
  );
}
