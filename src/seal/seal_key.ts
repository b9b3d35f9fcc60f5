import { TdauthError } from "../errors.ts";
import { fromBase64Url, toBase64Url } from "./box.ts";
import type { SealKeySource } from "./sealed_text.ts";

/** Where the key of a {@linkcode SealedCache} comes from. */
export interface SealKey {
  /** Its kind, which the sealed text names. */
  readonly from: SealKeySource;
  /**
   * Makes or chooses a key for a cache that is not sealed yet.
   *
   * @returns 32 bytes, and what {@linkcode SealKey.find} needs to find them again; that is no secret.
   */
  make(): Promise<{ readonly key: SealBytes; readonly parameters: string }>;
  /**
   * Finds the key of a sealed cache.
   *
   * @param parameters What `make` gave.
   * @returns The 32 bytes.
   * @throws {TdauthError} `cache_sealed` when the key cannot be had.
   */
  find(parameters: string): Promise<SealBytes>;
  /**
   * Hears that the key which `find` gave does not fit.
   *
   * @returns Whether `find` may give another one now, as when a person can be asked again.
   */
  again?(): boolean;
  /**
   * Forgets a key that nothing is sealed with any more, where it is kept for that alone.
   *
   * @param parameters What `make` gave.
   */
  forget?(parameters: string): Promise<void>;
}

/** The bytes of a key. */
export type SealBytes = Uint8Array<ArrayBuffer>;

/** How many characters a new passphrase must have (NIST SP 800-63B §5.1.1.2). */
const SHORTEST = 8;
/** The cost of scrypt: 128 MiB and about 0.4 s for each guess (OWASP Password Storage Cheat Sheet: N = 2^17, r = 8, p = 1). */
const SCRYPT = { logN: 17, r: 8, p: 1 } as const;

/**
 * A key that is given as it is: 32 random bytes, Base64 or Base64url.
 *
 * @param text The key.
 * @returns The key.
 * @throws {TdauthError} `invalid_options` when it is not that.
 */
export function rawKey(text: string): SealKey {
  const key = bytesOf(text.trim());
  if (key?.length !== 32) {
    throw new TdauthError(
      "invalid_options",
      "Cannot use the key of the sealed tokens (TD_CACHE_KEY): it is not 32 bytes in Base64",
      { hint: "make one: openssl rand -base64 32" },
    );
  }
  return {
    from: "key",
    make: () => Promise.resolve({ key, parameters: "" }),
    find: () => Promise.resolve(key),
  };
}

function bytesOf(text: string): SealBytes | undefined {
  try {
    return fromBase64Url(
      text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
    );
  } catch {
    return undefined;
  }
}

/**
 * A key that is made of a passphrase by scrypt (RFC 7914), which is slow and
 * takes much memory on purpose.
 *
 * @param passphrase Gives the passphrase, of 8 characters or more; asked for when
 * it is first needed, and told whether it is a new one, which a person types twice.
 * @param mayAskAgain Says whether to ask once more when the passphrase does not fit. @default {never}
 * @returns The key.
 */
export function passphraseKey(
  passphrase: (isNew: boolean) => Promise<string>,
  mayAskAgain: () => boolean = () => false,
): SealKey {
  let asked: Promise<string> | undefined;
  const derive = async (parameters: string, isNew: boolean) => {
    const [, logN, r, p, salt] = /^(\d{2})\.(\d{1,2})\.(\d)\.([\w-]{22})$/.exec(
      parameters,
    ) ?? [];
    // Twice the cost that is used here: more is somebody's attempt to fill the memory.
    if (salt === undefined || Number(logN) > SCRYPT.logN + 1 || Number(r) > 8) {
      throw new TdauthError(
        "cache_sealed",
        "Cannot open the sealed tokens: what they say of their passphrase was changed",
        { hint: "restore the file from a backup" },
      );
    }
    asked ??= passphrase(isNew);
    const text = (await asked).normalize("NFKC"); // the same letters, however the keyboard composes them
    if (isNew && [...text].length < SHORTEST) {
      throw new TdauthError(
        "invalid_options",
        `Cannot seal with this passphrase: it has fewer than ${SHORTEST} characters`,
        { hint: "take a longer one, such as five words" },
      );
    }
    const { scrypt } = await import("node:crypto");
    return await new Promise<SealBytes>((resolve, reject) =>
      scrypt(
        text,
        fromBase64Url(salt),
        32,
        {
          N: 2 ** Number(logN),
          r: Number(r),
          p: Number(p),
          maxmem: 2 ** 29,
        },
        (error, key) => error ? reject(error) : resolve(new Uint8Array(key)),
      )
    );
  };
  return {
    from: "passphrase",
    async make() {
      const salt = toBase64Url(crypto.getRandomValues(new Uint8Array(16)));
      const { logN, r, p } = SCRYPT;
      const parameters = `${logN}.${r}.${p}.${salt}`;
      return { key: await derive(parameters, true), parameters };
    },
    find: (parameters) => derive(parameters, false),
    again() {
      if (!mayAskAgain()) return false;
      asked = undefined;
      return true;
    },
  };
}
