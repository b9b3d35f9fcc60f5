import { type Env, realEnv } from "../system/environment.ts";
import { TdauthError } from "../base/errors.ts";
import type { SealKey } from "./seal_key.ts";
import { sealDamaged, type SealKeySource } from "../token/sealed_text.ts";

/** Where the keys of seals come from. */
export interface SealKeysOptions {
  /** The environment, without `.env`: another user may have written that, and would choose the key. @default {the real one} */
  readonly env?: Env;
  /** Asks the user for the passphrase, a new one twice; absent without a terminal. */
  readonly askPassphrase?: (isNew: boolean) => Promise<string>;
  /** Called when the key has been derived from the input, or cannot be: until then the terminal should not echo what is typed ahead. */
  readonly passphraseUsed?: () => void;
}

/** How often the user may enter the passphrase. */
const TRIES = 3;

/**
 * Returns the source of a kind of key; asks nothing before the key is needed.
 *
 * @param kind The kind.
 * @param options The environment, and how to ask the user.
 * @returns The key.
 */
export async function sealKeyOf(
  kind: SealKeySource,
  { env = realEnv, askPassphrase, passphraseUsed }: SealKeysOptions = {},
): Promise<SealKey> {
  // Each module is loaded on use.
  if (kind === "keychain") {
    return (await import("./keychain.ts")).keychainKey({ env });
  }
  if (kind === "passphrase") {
    const { passphraseKey } = await import("./passphrase_key.ts");
    let misses = 0;
    const key = passphraseKey(async (isNew) => {
      const given = env("TD_CACHE_PASSPHRASE")?.trim();
      if (given) return given;
      if (askPassphrase === undefined) {
        throw new TdauthError(
          "cache_sealed",
          "Cannot open the sealed tokens: no passphrase",
          {
            hint:
              "run it in a terminal, which prompts for it, or set TD_CACHE_PASSPHRASE",
          },
        );
      }
      // The rest of the command does not ask a fourth time.
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
  const { rawKey } = await import("./raw_key.ts");
  const key = () => {
    const given = env("TD_CACHE_KEY");
    if (given !== undefined) return rawKey(given);
    throw new TdauthError(
      "cache_sealed",
      "Cannot open the sealed tokens: no key",
      {
        hint:
          "set TD_CACHE_KEY; generate a new one with openssl rand -base64 32",
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
