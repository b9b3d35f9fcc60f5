import { directoryOf } from "../system/atomic_file.ts";
import { CodedCache } from "./coded_cache.ts";
import type { DiskCache } from "./disk_cache.ts";
import type { ExclusiveWork } from "./token_cache.ts";
import { withLockTimeout } from "./with_lock_timeout.ts";
import { TdauthError } from "../base/errors.ts";
import { changedMeanwhile, inClear, sealBusy } from "./profile_cache_error.ts";
import type { SealCodec } from "../seal/seal_codec.ts";
import type { SealKey } from "../seal/seal_key.ts";
import type { SealKeysOptions } from "../seal/seal_keys.ts";
import { hasTokens } from "../token/token.ts";
import { parseSealedFile } from "../token/sealed_file.ts";
import { parseSealed, type SealKeySource } from "../token/sealed_text.ts";
import { parseTokens } from "../token/token_json.ts";

/** Options of {@linkcode ProfileCache}. */
export interface ProfileCacheOptions extends SealKeysOptions {
  /** Where the key comes from, by the current settings; with any key unencrypted tokens are rejected. */
  readonly wanted: () => SealKeySource | undefined;
}

/**
 * Stores a profile's tokens in a file, sealed or not. Sealed tokens are read and
 * written with the kind of key that sealed them, and only {@linkcode
 * ProfileCache.reseal} writes them unencrypted. Unencrypted tokens are rejected
 * once the settings say that they are sealed: another program has put them there.
 * So the tokens are readable at every moment of a change from one key to another,
 * also for programs that run in the meantime.
 */
export class ProfileCache extends CodedCache {
  /** The absolute path of the file. */
  readonly path: string;
  readonly #disk: DiskCache;
  readonly #options: ProfileCacheOptions;
  /** By kind, so that the user is asked for a passphrase once. */
  readonly #keys = new Map<SealKeySource, Promise<SealKey>>();
  readonly #codecs = new Map<SealKeySource, Promise<SealCodec>>();

  /**
   * Creates the cache of a profile.
   *
   * @param disk The file.
   * @param options Where keys come from.
   */
  constructor(disk: DiskCache, options: ProfileCacheOptions) {
    super(disk, {
      stored: () => this.#stored(),
      opens: (stored) => this.#opens(stored),
      seals: () => this.#seals(),
    });
    this.path = disk.path;
    this.#disk = disk;
    this.#options = options;
  }

  /**
   * Returns where the key of the stored tokens comes from.
   *
   * @returns The kind of key; `undefined` when they are not sealed.
   */
  async sealedBy(): Promise<SealKeySource | undefined> {
    return kindOf(await this.#disk.read());
  }

  /**
   * Reseals or unseals the stored tokens. No other process refreshes or logs in
   * during that; killed at any moment, it leaves readable tokens.
   *
   * @param to Where the new key comes from; `undefined` to unseal the tokens.
   * @param remember Writes the choice into the settings. It is called after
   * sealing, or before unsealing: sealed tokens are readable whatever the
   * settings say, and at no moment are tokens unencrypted that should not be.
   * @param wait How long to wait for the locks, in seconds, and who hears which process keeps them.
   * @returns Whether the tokens were rewritten; not if they were sealed that way already.
   * @throws {TdauthError} `cache_sealed` when one of the keys is missing;
   * `cache_unreadable` when the file has another name, under which the tokens
   * would stay unencrypted; `busy` when another process does not release its
   * lock. Nothing is changed then.
   */
  async reseal(
    to: SealKeySource | undefined,
    remember: () => void,
    wait: { readonly timeout: number; readonly onWait?: (who: string) => void },
  ): Promise<boolean> {
    const turn = <T>(work: ExclusiveWork, run: () => Promise<T>) =>
      withLockTimeout(this.#disk, work, run, {
        ...wait,
        onTimeout: (who) => sealBusy(who, wait.timeout),
      });
    const bothTurns = (run: () => Promise<boolean>) =>
      turn("login", () => turn("refresh", () => this.locked(run)));
    const before = await this.#disk.read();
    if (await this.#isSealedBy(before, to)) {
      return await bothTurns(() => this.#reseal(to, remember));
    }
    // Here the user is asked for both keys: others would wait for the locks.
    await this.#textOf(before);
    if (to === undefined) {
      return await bothTurns(() => this.#reseal(to, remember));
    }
    const codec = await this.#newCodec(to);
    return await codec.withKey(
      "",
      () => bothTurns(() => this.#reseal(to, remember, codec)),
    );
  }

  async #reseal(
    to: SealKeySource | undefined,
    remember: () => void,
    codec?: SealCodec,
  ): Promise<boolean> {
    const before = await this.#disk.read();
    if (await this.#isSealedBy(before, to)) {
      remember();
      return false;
    }
    const text = await this.#textOf(before);
    // Seal in memory first: without a key nothing has been changed.
    const after = to === undefined
      ? text
      : await (codec ?? await this.#newCodec(to)).seal(
        text,
        () => Promise.resolve(""),
      );
    if (to === undefined) remember();
    try {
      await this.#write(after);
      if (to !== undefined) await this.#remembered(remember, before);
      codec?.written();
    } catch (error) {
      // A write may fail after it took effect; its key must stay then.
      const stored = await this.#disk.read().catch(() => after);
      if (sameSeal(stored, after)) codec?.written();
      else await this.#forget(after);
      throw error;
    }
    await this.#forget(before);
    return true;
  }

  /** Whether a text is sealed by that kind of key, and by none that is to be replaced. */
  async #isSealedBy(
    stored: string,
    to: SealKeySource | undefined,
  ): Promise<boolean> {
    return kindOf(stored) === to && !await this.#isOfOldKey(stored);
  }

  /** Opens a text. Unencrypted tokens are accepted here only because the caller says so. */
  async #textOf(stored: string): Promise<string> {
    if (kindOf(stored) === undefined && holdsTokens(stored)) {
      (await import("../system/other_names.ts")).refuseOtherNames(this.path);
    }
    return await (await this.#opens(stored))?.open(stored) ?? stored;
  }

  /** Asks for the passphrase of the tokens, or a new one where they are to be sealed by one. */
  override async askFirst(): Promise<void> {
    try {
      const stored = await this.#stored();
      const codec = await this.#opens(stored) ?? await this.#seals();
      await codec?.prepare(stored);
    } catch (error) {
      const sealed = error instanceof TdauthError &&
        error.code === "cache_sealed";
      // Not every work needs the key: what does says so itself.
      if (!sealed) throw error;
    }
  }

  /** Writes the settings; if that fails, restores the tokens. */
  async #remembered(remember: () => void, before: string): Promise<void> {
    try {
      remember();
    } catch (error) {
      await this.#write(before);
      throw error;
    }
  }

  /** The tokens are the previous ones. */
  #write(text: string): Promise<void> {
    return this.#disk.write(text, { kind: "journal" });
  }

  /** Whether the tokens were sealed with a key that is to be replaced. */
  async #isOfOldKey(stored: string): Promise<boolean> {
    return await (await this.#opens(stored))?.isOfOldKey(stored) ?? false;
  }

  /** Returns the file's text, if it may be used. */
  async #stored(): Promise<string> {
    const stored = await this.#disk.read();
    if (kindOf(stored) !== undefined || !holdsTokens(stored)) return stored;
    const wanted = this.#options.wanted();
    if (wanted === undefined) return stored;
    // Tokens are sealed before the settings say so: that may have just happened.
    const again = await this.#disk.read();
    if (kindOf(again) !== undefined || !holdsTokens(again)) return again;
    throw inClear(wanted);
  }

  /** Deletes a key from the keychain that no longer seals anything; a leftover does no harm. */
  async #forget(stored: string): Promise<void> {
    try {
      await (await this.#opens(stored))?.forget(stored);
    } catch {
      // It is locked or gone.
    }
  }

  async #opens(
    stored: string,
  ): Promise<SealCodec | undefined> {
    const kind = kindOf(stored);
    // The usual case: no code of the sealing is loaded.
    return kind === undefined ? undefined : await this.#codec(kind);
  }

  async #seals(): Promise<SealCodec | undefined> {
    let kind: SealKeySource | undefined;
    try {
      kind = kindOf(await this.#disk.read());
    } catch (error) {
      // It was moved aside, and its reader gets the error.
      if (!(error instanceof TdauthError) || error.code !== "cache_corrupt") {
        throw error;
      }
    }
    kind ??= this.#options.wanted();
    return kind === undefined ? undefined : await this.#codec(kind);
  }

  #codec(kind: SealKeySource): Promise<SealCodec> {
    let codec = this.#codecs.get(kind);
    if (codec === undefined) {
      this.#codecs.set(kind, codec = this.#newCodec(kind));
    }
    return codec;
  }

  async #newCodec(kind: SealKeySource): Promise<SealCodec> {
    const { SealCodec } = await import("../seal/seal_codec.ts");
    return new SealCodec(await this.#key(kind), sealName(this.path));
  }

  #key(kind: SealKeySource): Promise<SealKey> {
    let key = this.#keys.get(kind);
    if (key === undefined) {
      const made = async () => {
        const { sealKeyOf } = await import("../seal/seal_keys.ts");
        const { askPassphrase } = this.#options;
        return await sealKeyOf(kind, {
          ...this.#options,
          ...(askPassphrase && {
            askPassphrase: async (isNew: boolean) => {
              if (this.isLocked) throw changedMeanwhile();
              return await askPassphrase(isNew);
            },
          }),
        });
      };
      this.#keys.set(kind, key = made());
    }
    return key;
  }
}

function kindOf(stored: string): SealKeySource | undefined {
  const file = parseSealedFile(stored);
  return file === undefined ? undefined : parseSealed(file.sealed).from;
}

function sameSeal(one: string, other: string): boolean {
  return parseSealedFile(one)?.sealed === parseSealedFile(other)?.sealed;
}

/** Whether there are tokens in a text that is not sealed. */
function holdsTokens(text: string): boolean {
  return hasTokens(parseTokens(text));
}

/**
 * Returns the name of a profile's tokens for {@linkcode SealedCache}: the file's
 * name, which contains the profile and the app.
 *
 * @param path The file.
 * @returns The name.
 */
export function sealName(path: string): string {
  return path.slice(directoryOf(path).length + 1);
}
