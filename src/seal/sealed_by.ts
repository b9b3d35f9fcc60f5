import type { SealKeySource } from "../token/sealed_text.ts";

/** The kinds of keys, in words. */
export const SEALED_BY: Readonly<Record<SealKeySource, string>> = {
  keychain: "the keychain",
  passphrase: "a passphrase",
  key: "the key in TD_CACHE_KEY",
};
