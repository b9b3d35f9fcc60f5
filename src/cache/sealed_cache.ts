import { TdauthError } from "../errors.ts";
import { type Box, boxOf } from "../seal/box.ts";
import type { SealBytes, SealKey } from "../seal/seal_key.ts";
import { formatSealed, parseSealed, sealDamaged } from "../seal/sealed_text.ts";
import { hasTokens, noTokens, type Tokens } from "../token.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
} from "./token_cache.ts";
import { formatTokens, parseTokens, sealedTokens } from "./token_json.ts";

/** Options of {@linkcode SealedCache}. */
export interface SealedCacheOptions {
  /**
   * Whose tokens they are: a user, a session, a profile. It is bound into what is
   * sealed, so that tokens of one that are put in the place of another's are not
   * opened. It stands nowhere, so it must be the same each time. @default {""}
   */
  readonly name?: string;
  /**
   * Refuses tokens that are not sealed, instead of sealing them at the next
   * write: whoever may write to the store cannot bring in tokens of their own.
   * They are left as they are. @default {false}
   */
  readonly strict?: boolean;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/** A box, its key, and what it takes to find that again. */
interface KeyedBox {
  readonly parameters: string;
  readonly key: SealBytes;
  readonly box: Box;
}

/**
 * Keeps tokens encrypted in any other cache: AES-256-GCM, with a key that is kept
 * elsewhere. A cache that is not sealed yet is read as it is, and sealed when it
 * is next written, unless that is refused ({@linkcode SealedCacheOptions.strict});
 * one that is sealed cannot be read, or replaced by a login, without its key.
 *
 * @example
 * ```ts
 * import { AccessToken, MemCache, noTokens, rawKey, SealedCache } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const key = rawKey(btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))));
 * const plain = new MemCache(); // or a DiskCache, a RedisCache, one of your own
 * const cache = new SealedCache(plain, key);
 * await cache.save({ ...noTokens(), accessToken: new AccessToken({ token: "A", expiresIn: 1800 }) });
 * assert.equal((await cache.load()).accessToken.token, "A");
 * assert.throws(() => plain.accessToken.token, { code: "cache_sealed" });
 * ```
 */
export class SealedCache implements TokenCache {
  readonly #inner: TokenCache;
  readonly #key: SealKey;
  readonly #now: () => number;
  readonly #name: string;
  readonly #strict: boolean;
  /** The box in use, so that a passphrase is stretched once. */
  #box: KeyedBox | undefined;
  /** One whose key was made and has not sealed anything yet. */
  #made: KeyedBox | undefined;

  /**
   * Wraps a cache.
   *
   * @param inner The cache that holds the sealed tokens.
   * @param key Where the key comes from.
   * @param options Whose tokens they are, whether they must be sealed, and the clock.
   */
  constructor(
    inner: TokenCache,
    key: SealKey,
    options: SealedCacheOptions = {},
  ) {
    this.#inner = inner;
    this.#key = key;
    this.#now = options.now ?? Date.now;
    this.#name = options.name ?? "";
    this.#strict = options.strict ?? false;
  }

  /**
   * Reads and opens the tokens.
   *
   * @returns The tokens.
   * @throws {TdauthError} `cache_sealed` when the key cannot be had or does not
   * fit, a bit was changed, they are another's, or they are in clear and must not
   * be; what is stored stays as it is. Else as the inner cache.
   */
  async load(): Promise<Tokens> {
    return await this.#opened(await this.#stored());
  }

  /**
   * Seals and writes the tokens: with the key of what is stored where that is
   * sealed, unless it is an older one, else with a new one.
   *
   * @param tokens The tokens.
   * @throws {TdauthError} `cache_sealed` when the key cannot be had, what is
   * stored was sealed with another, or it is in clear and must not be; nothing is
   * written then. Else as the inner cache.
   */
  async save(tokens: Tokens): Promise<void> {
    const { parameters, box } = await this.#boxToWrite();
    const sealed = formatSealed({
      from: this.#key.from,
      parameters,
      box: await box.seal(
        formatTokens(tokens),
        this.#context(tokens, parameters),
      ),
    });
    await this.#inner.save(sealedTokens(sealed, tokens));
    this.#made = undefined;
  }

  /**
   * Forgets both tokens, and the key where it is kept for them alone. It takes no
   * key: where the keychain cannot be reached, the key in it is left behind.
   *
   * @throws {TdauthError} As the inner cache.
   */
  async clear(): Promise<void> {
    const parameters = await this.#parameters();
    await this.#inner.clear();
    if (parameters !== undefined) await this.#forget(parameters);
  }

  /**
   * Runs functions of the same kind of work one after the other, as the inner
   * cache does. For a login the key is found or made first: new tokens that
   * cannot be sealed would be lost.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` gives.
   * @throws {TdauthError} `cache_sealed` when there is no key to be had for a login.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T> {
    if (work !== "login") return this.#inner.exclusive(work, run, options);
    return this.#inner.exclusive(work, async () => {
      // What is sealed is opened with its own key before anything is sent.
      const { sealed } = await this.#stored();
      if (sealed === undefined) await this.#make();
      try {
        return await run();
      } finally {
        const unused = this.#made;
        this.#made = undefined;
        if (unused !== undefined) await this.#forget(unused.parameters);
      }
    }, options);
  }

  /** The box of what is stored, or a new one where that is not sealed. */
  async #boxToWrite(): Promise<KeyedBox> {
    let stored: Tokens;
    try {
      // Somebody else may have unsealed it, or sealed it anew, since it was last read.
      stored = await this.#stored();
    } catch (error) {
      const sealed = error instanceof TdauthError &&
        error.code === "cache_sealed";
      // A store that is away for a moment, such as Redis, keeps what it is given until it is back.
      if (sealed || this.#box === undefined) throw error;
      return this.#box;
    }
    if (stored.sealed === undefined) return await this.#make();
    // What another key has sealed must not be lost.
    await this.#opened(stored);
    const box = this.#box;
    return box === undefined || await this.#key.renews?.(box.parameters)
      ? await this.#make()
      : box;
  }

  /** What is stored, where it may be used. */
  async #stored(): Promise<Tokens> {
    const stored = await this.#inner.load();
    if (!this.#strict || stored.sealed !== undefined) return stored;
    if (hasTokens(stored)) throw notSealed();
    return noTokens();
  }

  /** Opens what is stored with the key that sealed it. */
  async #opened(stored: Tokens): Promise<Tokens> {
    if (stored.sealed === undefined) return stored;
    const { from, parameters, box: sealed } = parseSealed(stored.sealed);
    if (from !== this.#key.from) throw sealDamaged();
    const context = this.#context(stored, parameters);
    while (true) {
      let keyed = this.#box;
      if (keyed?.parameters !== parameters) {
        const key = await this.#key.find(parameters);
        keyed = { parameters, key, box: await boxOf(key) };
      }
      const text = await keyed.box.open(sealed, context);
      if (text !== undefined) {
        this.#box = keyed;
        return parseTokens(text, this.#now);
      }
      if (this.#box === keyed) this.#box = undefined;
      if (!this.#key.again?.(keyed.key)) throw sealDamaged();
    }
  }

  /** Makes a key, once until it is used. */
  async #make(): Promise<KeyedBox> {
    if (this.#made === undefined) {
      const { key, parameters } = await this.#key.make();
      this.#made = { parameters, key, box: await boxOf(key) };
    }
    return this.#box = this.#made;
  }

  /** What stands beside the sealed tokens in clear, and whose they are: none of it can be changed either. */
  #context({ provider, consumerKey }: Tokens, parameters: string): string {
    const { from } = this.#key;
    return JSON.stringify([
      ...["tdauth tokens", from, parameters, this.#name],
      provider,
      consumerKey,
    ]);
  }

  /** What is stored about its key; nothing where it is not sealed, or damaged. */
  async #parameters(): Promise<string | undefined> {
    try {
      const { sealed } = await this.#inner.load();
      if (sealed === undefined) return undefined;
      const { from, parameters } = parseSealed(sealed);
      return from === this.#key.from ? parameters : undefined;
    } catch {
      return undefined;
    }
  }

  async #forget(parameters: string): Promise<void> {
    try {
      await this.#key.forget?.(parameters);
    } catch {
      // A key that seals nothing any more harms nobody.
    }
  }
}

function notSealed(): TdauthError {
  return new TdauthError(
    "cache_sealed",
    "Cannot use the stored tokens: they are in clear, where sealed ones alone are taken",
    {
      hint:
        "clear() them and log in; if they are older than the sealing, load() and save() them once without strict",
    },
  );
}
