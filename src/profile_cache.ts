import { directoryOf } from "./system/atomic_file.ts";
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
import { hasTokens, type Tokens } from "./token.ts";

/** What a {@linkcode ProfileCache} is made with. */
export interface ProfileCacheOptions extends SealKeysOptions {
  /** Where the key comes from, as the settings say it now; tokens in clear are refused where it gives any. */
  readonly wanted: () => SealKeySource | undefined;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Keeps a profile's tokens in a file, sealed or not. What is sealed is read and
 * written with the kind of key that sealed it, and is never written in clear but
 * by {@linkcode ProfileCache.reseal}. Tokens in clear are refused once the
 * settings say that they are sealed: somebody else has put them there. So at
 * every moment of a change from one way to another, and in programs that run
 * meanwhile, the tokens can be read.
 */
export class ProfileCache implements TokenCache {
  /** The absolute path of the file. */
  readonly path: string;
  readonly #disk: DiskCache;
  /** The file without what may not be used, as the sealed caches see it. */
  readonly #file: TokenCache;
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
    this.#file = {
      load: () => this.#stored(),
      save: (tokens) => disk.save(tokens),
      clear: () => disk.clear(),
      exclusive: (work, run, options) => disk.exclusive(work, run, options),
    };
    this.#options = options;
  }

  /**
   * Reads the tokens.
   *
   * @throws {TdauthError} `cache_sealed` where they are sealed and the key cannot be had, or are in clear although they are to be sealed.
   */
  async load(): Promise<Tokens> {
    const stored = await this.#stored();
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
   * @param remember Writes the choice into the settings. It is called when the
   * tokens are sealed, or before they are in clear: what is sealed is read whatever
   * the settings say, and at no moment are there tokens in clear that should not be.
   * @param patience How long to wait for others, in seconds.
   * @returns Whether the tokens were written anew; not where they were sealed so already.
   * @throws {TdauthError} `cache_sealed` when one of the keys cannot be had;
   * `cache_unreadable` when the file has another name, which would keep the tokens
   * in clear; `busy` when others do not end. Nothing is changed then.
   */
  async reseal(
    to: SealKeySource | undefined,
    remember: () => void,
    patience: number,
  ): Promise<boolean> {
    const turn = <T>(work: ExclusiveWork, run: () => Promise<T>) =>
      withPatience(this.#disk, work, run, {
        patience,
        late: () => busy(patience),
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
    const before = await this.#disk.load();
    const from = kindOf(before);
    if (from === to && !await this.#isOfOldKey(before)) {
      remember();
      return false;
    }
    if (from === undefined && hasTokens(before)) {
      (await import("./system/other_names.ts")).refuseOtherNames(this.path);
    }
    // Those in clear are taken in by whoever says so, and by nobody else.
    const tokens = from === undefined
      ? before
      : await (await this.#as(from)).load();
    // Sealed in memory first: where there is no key, nothing has been changed.
    const next = new MemCache();
    if (to === undefined) await next.save(tokens);
    else await (await this.#sealedIn(next, to)).save(tokens);
    const after = await next.load();
    if (to === undefined) remember();
    try {
      await this.#disk.save(after);
      if (to !== undefined) await this.#remembered(remember, before);
    } catch (error) {
      // A write may fail when it has been done already; its key must stay then.
      const stored = await this.#disk.load().catch(() => after);
      if (stored.sealed !== after.sealed) await this.#forget(after.sealed);
      throw error;
    }
    await this.#forget(before.sealed);
    return true;
  }

  /** Writes the settings; where that fails, the tokens are as they were before. */
  async #remembered(remember: () => void, before: Tokens): Promise<void> {
    try {
      remember();
    } catch (error) {
      await this.#disk.save(before);
      throw error;
    }
  }

  /** Whether the tokens were sealed with a key that is to be replaced. */
  async #isOfOldKey({ sealed }: Tokens): Promise<boolean> {
    if (sealed === undefined) return false;
    const { from, parameters } = parseSealed(sealed);
    return await (await this.#key(from)).renews?.(parameters) ?? false;
  }

  /** What is in the file, where it may be used. */
  async #stored(): Promise<Tokens> {
    const stored = await this.#disk.load();
    if (stored.sealed !== undefined || !hasTokens(stored)) return stored;
    const wanted = this.#options.wanted();
    if (wanted === undefined) return stored;
    // They are sealed before the settings say so: it may have been done just now.
    const again = await this.#disk.load();
    if (again.sealed !== undefined || !hasTokens(again)) return again;
    throw inClear(wanted);
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
      this.#sealed.set(kind, cache = this.#sealedIn(this.#file, kind));
    }
    return cache;
  }

  async #sealedIn(
    inner: TokenCache,
    kind: SealKeySource,
  ): Promise<SealedCache> {
    const { SealedCache } = await import("./cache/sealed_cache.ts");
    const { now } = this.#options;
    return new SealedCache(inner, await this.#key(kind), {
      name: sealName(this.path),
      ...(now !== undefined && { now }),
    });
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

function busy(patience: number): TdauthError {
  return new TdauthError(
    "busy",
    `Cannot seal or unseal the tokens: another process has been at them for ${patience} seconds`,
    { hint: "wait for its login, or see whether a tdauth process hangs" },
  );
}
