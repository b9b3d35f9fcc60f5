import type { DiskCache } from "./cache/disk_cache.ts";
import { MemCache } from "./cache/mem_cache.ts";
import type { SealedCache } from "./cache/sealed_cache.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
} from "./cache/token_cache.ts";
import { withPatience } from "./cache/with_patience.ts";
import { TdauthError } from "./errors.ts";
import type { SealKey } from "./seal/seal_key.ts";
import type { SealKeysOptions } from "./seal/seal_keys.ts";
import { parseSealed, type SealKeySource } from "./seal/sealed_text.ts";
import type { Tokens } from "./token.ts";

/** What a {@linkcode ProfileCache} is made with. */
export interface ProfileCacheOptions extends SealKeysOptions {
  /** Where the key for tokens comes from that are not sealed yet, as the settings say it now. */
  readonly wanted: () => SealKeySource | undefined;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Keeps a profile's tokens in a file, sealed or not. What is sealed is read and
 * written with the kind of key that sealed it, and is never written in clear but
 * by {@linkcode ProfileCache.reseal}; what is not is sealed at the next write,
 * once the settings say so. So at every moment of a change from one way to
 * another, and in programs that run meanwhile, the tokens can be read.
 */
export class ProfileCache implements TokenCache {
  /** The absolute path of the file. */
  readonly path: string;
  readonly #disk: DiskCache;
  readonly #options: ProfileCacheOptions;
  /** By kind, so that a passphrase is asked for once. */
  readonly #keys = new Map<SealKeySource, Promise<SealKey>>();
  readonly #sealed = new Map<SealKeySource, Promise<SealedCache>>();

  /**
   * Makes the cache of a profile.
   *
   * @param disk The file.
   * @param options Where keys come from.
   */
  constructor(disk: DiskCache, options: ProfileCacheOptions) {
    this.path = disk.path;
    this.#disk = disk;
    this.#options = options;
  }

  /** Reads the tokens; throws `cache_sealed` where they are sealed and the key cannot be had. */
  async load(): Promise<Tokens> {
    const stored = await this.#disk.load();
    const kind = kindOf(stored);
    // Nearly always: nothing of the sealing is loaded then.
    return kind === undefined ? stored : await (await this.#as(kind)).load();
  }

  /** Writes the tokens, sealed where they are or are to be. */
  async save(tokens: Tokens): Promise<void> {
    const cache = await this.#present();
    await cache.save(tokens);
  }

  /** Forgets both tokens, and their key in the keychain. */
  async clear(): Promise<void> {
    const cache = await this.#present().catch(() => this.#disk);
    await cache.clear();
  }

  /** Runs exclusive work, as the file does; for a login the key is found or made first. */
  async exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T> {
    const cache = work === "login" ? await this.#present() : this.#disk;
    return await cache.exclusive(work, run, options);
  }

  /**
   * Says where the key comes from that the stored tokens are sealed with.
   *
   * @returns The kind of key; `undefined` when they are not sealed.
   */
  async sealedBy(): Promise<SealKeySource | undefined> {
    return kindOf(await this.#disk.load());
  }

  /**
   * Seals the stored tokens in another way, or no more. Nobody else refreshes or
   * logs in meanwhile; killed at any moment, it leaves tokens that can be read.
   *
   * @param to Where the new key comes from; `undefined` for tokens in clear.
   * @param remember Writes the choice into the settings. It is called once the new
   * key is there, and before the tokens are written: what is sealed stays so whatever
   * the settings say, and what is not will be sealed by the next write.
   * @param patience How long to wait for others, in seconds.
   * @throws {TdauthError} `cache_sealed` when one of the keys cannot be had; `busy` when others do not end. Nothing is changed then.
   */
  async reseal(
    to: SealKeySource | undefined,
    remember: () => void,
    patience: number,
  ): Promise<void> {
    const turn = <T>(work: ExclusiveWork, run: () => Promise<T>) =>
      withPatience(this.#disk, work, run, {
        patience,
        late: () => busy(patience),
      });
    await turn(
      "login",
      () => turn("refresh", () => this.#reseal(to, remember)),
    );
  }

  async #reseal(
    to: SealKeySource | undefined,
    remember: () => void,
  ): Promise<void> {
    const before = (await this.#disk.load()).sealed;
    const tokens = await this.load();
    const from = before === undefined ? undefined : parseSealed(before).from;
    if (from === to) return remember();
    // Sealed in memory first: where there is no key, nothing has been changed.
    const next = new MemCache();
    if (to === undefined) await next.save(tokens);
    else {
      const { SealedCache } = await sealing();
      await new SealedCache(next, await this.#key(to)).save(tokens);
    }
    const after = await next.load();
    try {
      remember();
      await this.#disk.save(after);
    } catch (error) {
      // A write may fail when it has been done already; its key must stay then.
      const stored = await this.#disk.load().catch(() => after);
      if (stored.sealed !== after.sealed) await this.#forget(after.sealed);
      throw error;
    }
    await this.#forget(before);
  }

  /** Lets the keychain forget a key that seals nothing any more; one that stays harms nobody. */
  async #forget(sealed: string | undefined): Promise<void> {
    if (sealed === undefined) return;
    try {
      const { from, parameters } = parseSealed(sealed);
      await (await this.#key(from)).forget?.(parameters);
    } catch {
      // It is locked or gone.
    }
  }

  /** The cache for the tokens as they are now, and as they are to be written. */
  async #present(): Promise<TokenCache> {
    let kind: SealKeySource | undefined;
    try {
      kind = kindOf(await this.#disk.load());
    } catch (error) {
      // It has been set aside, and its reader hears of it.
      if (!(error instanceof TdauthError) || error.code !== "cache_corrupt") {
        throw error;
      }
    }
    kind ??= this.#options.wanted();
    return kind === undefined ? this.#disk : await this.#as(kind);
  }

  #as(kind: SealKeySource): Promise<SealedCache> {
    let cache = this.#sealed.get(kind);
    if (cache === undefined) {
      const { now } = this.#options;
      const made = async () =>
        new (await sealing()).SealedCache(
          this.#disk,
          await this.#key(kind),
          now === undefined ? {} : { now },
        );
      this.#sealed.set(kind, cache = made());
    }
    return cache;
  }

  #key(kind: SealKeySource): Promise<SealKey> {
    let key = this.#keys.get(kind);
    if (key === undefined) {
      const made = async () => {
        const { sealKeyOf } = await import("./seal/seal_keys.ts");
        return await sealKeyOf(kind, this.#options);
      };
      this.#keys.set(kind, key = made());
    }
    return key;
  }
}

function kindOf({ sealed }: Tokens): SealKeySource | undefined {
  return sealed === undefined ? undefined : parseSealed(sealed).from;
}

function sealing(): Promise<typeof import("./cache/sealed_cache.ts")> {
  return import("./cache/sealed_cache.ts");
}

function busy(patience: number): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot seal or unseal the tokens: another process has been at them for ${patience} seconds`,
    { hint: "wait for its login, or see whether a tdauth process hangs" },
  );
}
