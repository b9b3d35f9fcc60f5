import type { SealKeySource } from "../token/sealed_text.ts";

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
