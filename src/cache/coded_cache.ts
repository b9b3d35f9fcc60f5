import type { SealCodec } from "../seal/seal_codec.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
  WriteOptions,
} from "./token_cache.ts";

/** What a {@linkcode CodedCache} knows of its store. */
export interface Sealing {
  /** Reads what is in the store, where it may be used. */
  stored(): Promise<string>;
  /** What opens a text; `undefined` where it is not sealed. */
  opens(stored: string): Promise<SealCodec | undefined>;
  /** What seals the next text; `undefined` where that is not to be sealed. */
  seals(): Promise<SealCodec | undefined>;
}

/**
 * A store whose text is sealed or not.
 *
 * @internal
 */
export class CodedCache implements TokenCache {
  readonly #store: TokenCache;
  readonly #sealing: Sealing;

  /**
   * Puts a codec above a store.
   *
   * @param store The store of the text as it is kept.
   * @param sealing What is known of it.
   */
  constructor(store: TokenCache, sealing: Sealing) {
    this.#store = store;
    this.#sealing = sealing;
  }

  /**
   * Reads and opens the text.
   *
   * @returns The text of the tokens.
   * @throws {TdauthError} `cache_sealed` when the key cannot be had or is another,
   * a bit was changed, the tokens are another's, or they are not sealed and must
   * be; what is stored stays as it is. Else as the store.
   */
  async read(): Promise<string> {
    const stored = await this.#sealing.stored();
    return await (await this.#sealing.opens(stored))?.open(stored) ?? stored;
  }

  /**
   * Seals and writes a text: with the key of what is stored where that is sealed,
   * unless it is an older one, else with a new one.
   *
   * @param text The text of the tokens.
   * @param options What it is, which the store is told.
   * @throws {TdauthError} `cache_sealed` when the key cannot be had, what is stored
   * was sealed with another, or it is not sealed and must be; nothing is written
   * then. Else as the store.
   */
  async write(text: string, options: WriteOptions): Promise<void> {
    const codec = await this.#sealing.seals();
    const next = await codec?.seal(text, () => this.#sealing.stored()) ?? text;
    await this.#store.write(next, options);
    codec?.written();
  }

  /**
   * Forgets the tokens, and the key where it is kept for them alone. It takes no
   * key: where the keychain cannot be reached, the key in it is left behind.
   *
   * @throws {TdauthError} As the store.
   */
  async clear(): Promise<void> {
    const stored = await this.#store.read().catch(() => "");
    await this.#store.clear();
    try {
      await (await this.#sealing.opens(stored))?.forget(stored);
    } catch {
      // No key of that kind is to be had.
    }
  }

  /**
   * Runs functions of the same kind of work one after the other, as the store does.
   * For a login the key is found or made first: new tokens that cannot be sealed
   * would be lost.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` returns.
   * @throws {TdauthError} `cache_sealed` when there is no key to be had for a login.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T> {
    if (work !== "login") return this.#store.exclusive(work, run, options);
    return this.#store.exclusive(work, async () => {
      const codec = await this.#sealing.seals();
      return codec === undefined
        ? await run()
        : await codec.withKey(await this.#sealing.stored(), run);
    }, options);
  }
}
