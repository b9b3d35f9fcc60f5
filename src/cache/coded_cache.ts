import type { SealCodec } from "../seal/seal_codec.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
  WriteOptions,
} from "./token_cache.ts";

/** The sealing of a {@linkcode CodedCache}'s store. */
export interface Sealing {
  /** Reads the store, and rejects what may not be used. */
  stored(): Promise<string>;
  /** Returns the codec that opens a text; `undefined` when it is not sealed. */
  opens(stored: string): Promise<SealCodec | undefined>;
  /** Returns the codec that seals the next text; `undefined` for an unsealed one. */
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
  #locks = 0;

  /**
   * Wraps a store with a codec.
   *
   * @param store The store of the sealed text.
   * @param sealing Its sealing.
   */
  constructor(store: TokenCache, sealing: Sealing) {
    this.#store = store;
    this.#sealing = sealing;
  }

  /**
   * Reads and opens the text.
   *
   * @returns The text of the tokens.
   * @throws {TdauthError} `cache_sealed` when the key is missing or wrong, a bit
   * was changed, the tokens are another's, or they are not sealed and must be;
   * the stored text is unchanged. Else as the store.
   */
  async read(): Promise<string> {
    const stored = await this.#sealing.stored();
    return await (await this.#sealing.opens(stored))?.open(stored) ?? stored;
  }

  /**
   * Seals and writes a text: with the key of the stored text if that is sealed,
   * unless that key is an old one, else with a new one.
   *
   * @param text The text of the tokens.
   * @param options What it is, passed to the store.
   * @throws {TdauthError} `cache_sealed` when the key is missing, the stored text
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
   * Makes sure that the next tokens can be stored, as the store does.
   *
   * @param work What the tokens are from.
   * @returns Ends the reservation when it is disposed.
   * @throws {TdauthError} As the store.
   */
  async reserve(work: ExclusiveWork): Promise<Disposable> {
    return await this.#store.reserve?.(work) ?? { [Symbol.dispose]() {} };
  }

  /**
   * Deletes the tokens, and the key if it is only for them. It needs no key: if
   * the keychain is unavailable, the key in it is left behind.
   *
   * @throws {TdauthError} As the store.
   */
  async clear(): Promise<void> {
    const stored = await this.#store.read().catch(() => "");
    await this.#store.clear();
    try {
      await (await this.#sealing.opens(stored))?.forget(stored);
    } catch {
      // There is no key of that kind.
    }
  }

  /** Whether this object holds a lock, for which others may wait: no user may be asked anything now. */
  protected get isLocked(): boolean {
    return this.#locks > 0;
  }

  /**
   * Asks the user what exclusive work will need, before the lock is taken.
   *
   * @throws {unknown} What the user's answer throws.
   */
  askFirst(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Runs functions of the same kind of work one at a time, as the store does. For
   * a login the key is found or generated first, before the lock is taken: new
   * tokens that cannot be sealed would be lost, and a keychain may ask its user.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` returns.
   * @throws {TdauthError} `cache_sealed` when there is no key for a login.
   */
  async exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T> {
    if (work !== "login") {
      return await this.#store.exclusive(work, () => this.locked(run), options);
    }
    while (true) {
      const codec = await this.#sealing.seals();
      const attempt = () =>
        this.#store.exclusive(work, async () => {
          // While this one waited, another process may have changed how tokens are sealed.
          if (await this.#sealing.seals() !== codec) return undefined;
          return { result: await this.locked(run) };
        }, options);
      const done = codec === undefined
        ? await attempt()
        : await codec.withKey(await this.#sealing.stored(), attempt);
      if (done !== undefined) return done.result;
    }
  }

  /**
   * Runs what holds a lock.
   *
   * @param run What to do.
   * @returns What `run` returns.
   */
  protected async locked<T>(run: () => Promise<T>): Promise<T> {
    this.#locks++;
    try {
      return await run();
    } finally {
      this.#locks--;
    }
  }
}
