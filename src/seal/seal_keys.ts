import { type Env, realEnv } from "../system/environment.ts";
import { TdauthError } from "../base/errors.ts";
import type { SealKey } from "./seal_key.ts";
import { sealDamaged, type SealKeySource } from "../token/sealed_text.ts";

/** Where the keys of seals come from. */
export interface SealKeysOptions {
  /** The environment, and no `.env`, which may be someone else's, and so would be its key. @default {the real one} */
  readonly env?: Env;
  /** Asks the user for the passphrase, a new one twice; absent where there is nobody to ask. */
  readonly askPassphrase?: (isNew: boolean) => Promise<string>;
  /** Hears that a key has been made of the answer, or cannot be: until then the terminal should show nothing of what is typed ahead. */
  readonly passphraseUsed?: () => void;
}

/** How often a person may type the passphrase. */
const TRIES = 3;

/** What is sealed by what, in words. */
export const SEALED_BY: Readonly<Record<SealKeySource, string>> = {
  keychain: "the keychain",
  passphrase: "a passphrase",
  key: "the key in TD_CACHE_KEY",
};

/**
 * Finds where a kind of key comes from; asks nothing before the key is needed.
 *
 * @param kind The kind.
 * @param options The environment, and who can be asked.
 * @returns The key.
 */
export async function sealKeyOf(
  kind: SealKeySource,
  { env = realEnv, askPassphrase, passphraseUsed }: SealKeysOptions = {},
): Promise<SealKey> {
  // Each is loaded by those who use it.
  if (kind === "keychain") {
    return (await import("./keychain.ts")).keychainKey({ env });
  }
  const { passphraseKey, rawKey } = await import("./seal_key.ts");
  if (kind === "passphrase") {
    let misses = 0;
    const key = passphraseKey(async (isNew) => {
      const given = env("TD_CACHE_PASSPHRASE")?.trim();
      if (given) return given;
      if (askPassphrase === undefined) {
        throw new TdauthError(
          "cache_sealed",
          "Cannot open the sealed tokens: their passphrase is not given",
          {
            hint:
              "run it in a terminal, which asks, or set TD_CACHE_PASSPHRASE",
          },
        );
      }
      // Nobody is asked a fourth time by what the command does next.
      if (misses >= TRIES) throw sealDamaged();
      return await askPassphrase(isNew);
    }, () => {
      misses++;
      return misses < TRIES && askPassphrase !== undefined &&
        !env("TD_CACHE_PASSPHRASE")?.trim();
    });
    return {
      ...key,
      make: () => key.make().finally(passphraseUsed),
      find: (parameters) => key.find(parameters).finally(passphraseUsed),
    };
  }
  const key = () => {
    const given = env("TD_CACHE_KEY");
    if (given !== undefined) return rawKey(given);
    throw new TdauthError(
      "cache_sealed",
      "Cannot open the sealed tokens: their key is not given",
      {
        hint: "set TD_CACHE_KEY; a new one is made by openssl rand -base64 32",
      },
    );
  };
  return {
    from: "key",
    make: async () => await key().make(),
    find: async (parameters) => await key().find(parameters),
    renews: async (parameters) => await key().renews?.(parameters) ?? false,
  };
}
