import { directoryOf } from "../system/atomic_file.ts";
import { CodedCache } from "./coded_cache.ts";
import type { DiskCache } from "./disk_cache.ts";
import type { ExclusiveWork } from "./token_cache.ts";
import { withLockTimeout } from "./with_lock_timeout.ts";
import { TdauthError } from "../base/errors.ts";
import type { SealCodec } from "../seal/seal_codec.ts";
import type { SealKey } from "../seal/seal_key.ts";
import type { SealKeysOptions } from "../seal/seal_keys.ts";
import { hasTokens } from "../token/token.ts";
import { parseSealedFile } from "../token/sealed_file.ts";
import { parseSealed, type SealKeySource } from "../token/sealed_text.ts";
import { parseTokens } from "../token/token_json.ts";

/** Options of {@linkcode ProfileCache}. */
export interface ProfileCacheOptions extends SealKeysOptions {
  /** Where the key comes from, as the settings say it now; unencrypted tokens are refused where it says any. */
  readonly wanted: () => SealKeySource | undefined;
}

/**
 * Keeps a profile's tokens in a file, sealed or not. What is sealed is read and
 * written with the kind of key that sealed it, and is never written unencrypted but
 * by {@linkcode ProfileCache.reseal}. Unencrypted tokens are refused once the
 * settings say that they are sealed: another program has put them there. So at
 * every moment of a change from one way to another, and in programs that run
 * meanwhile, the tokens can be read.
 */
export class ProfileCache extends CodedCache {
  /** The absolute path of the file. */
  readonly path: string;
  readonly #disk: DiskCache;
  readonly #options: ProfileCacheOptions;
  /** By kind, so that a passphrase is asked for once. */
  readonly #keys = new Map<SealKeySource, Promise<SealKey>>();
  readonly #codecs = new Map<SealKeySource, Promise<SealCodec>>();

  /**
   * Makes the cache of a profile.
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
   * Says where the key comes from that the stored tokens are sealed with.
   *
   * @returns The kind of key; `undefined` when they are not sealed.
   */
  async sealedBy(): Promise<SealKeySource | undefined> {
    return kindOf(await this.#disk.read());
  }

  /**
   * Seals the stored tokens in another way, or no more. No other process refreshes or
   * logs in meanwhile; killed at any moment, it leaves tokens that can be read.
   *
   * @param to Where the new key comes from; `undefined` for tokens in clear.
   * @param remember Writes the choice into the settings. It is called when the
   * tokens are sealed, or before they are in clear: what is sealed is read whatever
   * the settings say, and at no moment are there tokens in clear that should not be.
   * @param timeout How long to wait for others, in seconds.
   * @returns Whether the tokens were written anew; not where they were sealed so already.
   * @throws {TdauthError} `cache_sealed` when one of the keys cannot be had;
   * `cache_unreadable` when the file has another name, which would keep the tokens
   * in clear; `busy` when others do not end. Nothing is changed then.
   */
  async reseal(
    to: SealKeySource | undefined,
    remember: () => void,
    timeout: number,
  ): Promise<boolean> {
    const turn = <T>(work: ExclusiveWork, run: () => Promise<T>) =>
      withLockTimeout(this.#disk, work, run, {
        timeout,
        onTimeout: () => busy(timeout),
      });
    return await turn(
      "login",
      () => turn("refresh", () => this.#reseal(to, remember)),
    );
  }

  async #reseal(
    to: SealKeySource | undefined,
    remember: () => void,
  ): Promise<boolean> {
    const before = await this.#disk.read();
    const from = kindOf(before);
    if (from === to && !await this.#isOfOldKey(before)) {
      remember();
      return false;
    }
    if (from === undefined && holdsTokens(before)) {
      (await import("../system/other_names.ts")).refuseOtherNames(this.path);
    }
    // Unencrypted ones are taken in because the caller says so, and in no other way.
    const text = await (await this.#opens(before))?.open(before) ?? before;
    // Sealed in memory first: where there is no key, nothing has been changed.
    const after = to === undefined
      ? text
      : await (await this.#newCodec(to)).seal(text, () => Promise.resolve(""));
    if (to === undefined) remember();
    try {
      await this.#write(after);
      if (to !== undefined) await this.#remembered(remember, before);
    } catch (error) {
      // A write may fail when it has been done already; its key must stay then.
      const stored = await this.#disk.read().catch(() => after);
      if (!sameSeal(stored, after)) await this.#forget(after);
      throw error;
    }
    await this.#forget(before);
    return true;
  }

  /** Writes the settings; where that fails, the tokens are as they were before. */
  async #remembered(remember: () => void, before: string): Promise<void> {
    try {
      remember();
    } catch (error) {
      await this.#write(before);
      throw error;
    }
  }

  /** The tokens are those that were there before. */
  #write(text: string): Promise<void> {
    return this.#disk.write(text, { kind: "journal" });
  }

  /** Whether the tokens were sealed with a key that is to be replaced. */
  async #isOfOldKey(stored: string): Promise<boolean> {
    return await (await this.#opens(stored))?.isOfOldKey(stored) ?? false;
  }

  /** What is in the file, where it may be used. */
  async #stored(): Promise<string> {
    const stored = await this.#disk.read();
    if (kindOf(stored) !== undefined || !holdsTokens(stored)) return stored;
    const wanted = this.#options.wanted();
    if (wanted === undefined) return stored;
    // They are sealed before the settings say so: it may have been done just now.
    const again = await this.#disk.read();
    if (kindOf(again) !== undefined || !holdsTokens(again)) return again;
    throw inClear(wanted);
  }

  /** Lets the keychain forget a key that seals nothing any more; one that stays harms nothing. */
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
    // Nearly always: nothing of the sealing is loaded then.
    return kind === undefined ? undefined : await this.#codec(kind);
  }

  async #seals(): Promise<SealCodec | undefined> {
    let kind: SealKeySource | undefined;
    try {
      kind = kindOf(await this.#disk.read());
    } catch (error) {
      // It has been set aside, and its reader hears of it.
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
        return await sealKeyOf(kind, this.#options);
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
 * Whose tokens a profile's are, for {@linkcode SealedCache}: its file's name,
 * which the profile and the app give it.
 *
 * @param path The file.
 * @returns The name.
 */
export function sealName(path: string): string {
  return path.slice(directoryOf(path).length + 1);
}

function inClear(kind: SealKeySource): TdauthError {
  return new TdauthError(
    "cache_sealed",
    "Cannot use the stored tokens: they are in clear, and this profile's are sealed",
    {
      hint: [
        {
          text: "if you have put them there, seal them:",
          command: ["configure", "--seal", kind],
        },
        { text: "; if not,", command: ["logout"] },
        { text: ", then", command: ["login"] },
      ],
    },
  );
}

function busy(timeout: number): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot seal or unseal the tokens: another process has been at them for ${timeout} seconds`,
    { hint: "wait for its login, or see whether a tdauth process hangs" },
  );
}
