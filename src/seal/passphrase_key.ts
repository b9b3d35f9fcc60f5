import { TdauthError } from "../base/errors.ts";
import { fromBase64Url, toBase64Url } from "./box.ts";
import type { SealBytes, SealKey } from "./seal_key.ts";

/** How many characters a new passphrase must have (NIST SP 800-63B §5.1.1.2). */
const SHORTEST = 8;
/** The cost of scrypt: 128 MiB and about 0.4 s for each guess (OWASP Password Storage Cheat Sheet: N = 2^17, r = 8, p = 1). */
const SCRYPT = { logN: 17, r: 8, p: 1 } as const;

/** What a passphrase's parameters look like: the cost, and 16 random bytes. No number in them is zero, for which scrypt would take a default. */
const COST = /^(1\d)\.([1-8])\.([1-4])\.([\w-]{22})$/;

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
