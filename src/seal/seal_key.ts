import { TdauthError } from "../base/errors.ts";
import { fromBase64Url, toBase64Url } from "./box.ts";
import { sealDamaged, type SealKeySource } from "../token/sealed_text.ts";

/** Where the key of a {@linkcode SealedCache} comes from. */
export interface SealKey {
  /** Its kind, which the sealed text names. */
  readonly from: SealKeySource;
  /**
   * Generates or chooses a key for a cache that is not sealed yet.
   *
   * @returns 32 bytes, and what {@linkcode SealKey.find} needs to find them
   * again; that is not secret.
   * @throws {TdauthError} `cache_sealed` when there is none, `invalid_options` when it is invalid.
   */
  make(): Promise<{ readonly key: SealBytes; readonly parameters: string }>;
  /**
   * Finds the key of a sealed cache.
   *
   * @param parameters The parameters from `make`.
   * @returns The 32 bytes.
   * @throws {TdauthError} `cache_sealed` when the key is missing.
   */
  find(parameters: string): Promise<SealBytes>;
  /**
   * Reports that a key from `find` is wrong.
   *
   * @param wrong The 32 bytes.
   * @returns Whether `find` may return another one now, as when the user can be asked again.
   */
  again?(wrong: SealBytes): boolean;
  /**
   * Returns whether the next write replaces a key by a new one from `make`.
   *
   * @param parameters The parameters of the current key.
   * @returns Whether it replaces it.
   */
  renews?(parameters: string): Promise<boolean>;
  /**
   * Deletes a key that no longer seals anything, if it exists only for that.
   *
   * @param parameters The parameters from `make`.
   */
  forget?(parameters: string): Promise<void>;
}

/** The bytes of a key. */
export type SealBytes = Uint8Array<ArrayBuffer>;

/** How many characters a new passphrase must have (NIST SP 800-63B §5.1.1.2). */
const SHORTEST = 8;
/** The cost of scrypt: 128 MiB and about 0.4 s for each guess (OWASP Password Storage Cheat Sheet: N = 2^17, r = 8, p = 1). */
const SCRYPT = { logN: 17, r: 8, p: 1 } as const;

/** What a passphrase's parameters look like: the cost, and 16 random bytes. No number in them is zero, for which scrypt would take a default. */
const COST = /^(1\d)\.([1-8])\.([1-4])\.([\w-]{22})$/;

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

/**
 * Returns a key that is derived from a passphrase by scrypt (RFC 7914), which is
 * slow and uses much memory on purpose.
 *
 * @param passphrase Returns the passphrase, of 8 characters or more; called on
 * first need, with whether it is a new one, which the user types twice. The
 * result is remembered until it fails or is wrong: the next use of the key calls
 * it again.
 * @param mayAskAgain Returns whether to ask again immediately when the passphrase
 * is wrong. @default {never}
 * @returns The key.
 */
export function passphraseKey(
  passphrase: (isNew: boolean) => Promise<string>,
  mayAskAgain: () => boolean = () => false,
): SealKey {
  let asked: Promise<string> | undefined;
  const madeOf = new WeakMap<SealBytes, Promise<string>>();
  const forget = (failed: Promise<string>) => {
    if (asked === failed) asked = undefined;
  };
  const derive = async (parameters: string, isNew: boolean) => {
    const cost = costOf(parameters);
    const asking = asked ??= passphrase(isNew);
    asking.catch(() => forget(asking));
    const text = (await asking).normalize("NFKC"); // the same letters, however the keyboard composes them
    if (isNew && [...text].length < SHORTEST) {
      forget(asking);
      throw new TdauthError(
        "invalid_options",
        `Cannot seal with this passphrase: it is shorter than ${SHORTEST} characters`,
        { hint: "use a longer one, such as five random words" },
      );
    }
    const { scrypt } = await import("node:crypto");
    const { salt, ...options } = cost;
    const key = await new Promise<SealBytes>((resolve, reject) =>
      scrypt(
        text,
        salt,
        32,
        { ...options, maxmem: 2 ** 29 },
        (error, key) => error ? reject(error) : resolve(new Uint8Array(key)),
      )
    );
    madeOf.set(key, asking);
    return key;
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
    again(wrong) {
      // Another reader found the same, and has asked again or given up.
      if (asked === undefined || madeOf.get(wrong) !== asked) {
        return asked !== undefined;
      }
      asked = undefined;
      return mayAskAgain();
    },
  };
}

/** The cost of scrypt and the salt. */
function costOf(
  parameters: string,
): { N: number; r: number; p: number; salt: SealBytes } {
  const [, logN, r, p, salt = ""] = COST.exec(parameters) ?? [];
  try {
    // Twice the cost of new keys: more is an attempt to exhaust the memory.
    if (Number(logN) <= SCRYPT.logN + 1) {
      return {
        N: 2 ** Number(logN),
        r: Number(r),
        p: Number(p),
        salt: fromBase64Url(salt),
      };
    }
  } catch {
    // The salt is not in its canonical spelling.
  }
  throw new TdauthError(
    "cache_sealed",
    "Cannot open the sealed tokens: their passphrase parameters were tampered with",
    { hint: "restore the file from a backup" },
  );
}
