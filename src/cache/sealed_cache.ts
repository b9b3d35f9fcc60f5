import { type Box, boxOf } from "../seal/box.ts";
import type { SealKey } from "../seal/seal_key.ts";
import { formatSealed, parseSealed, sealDamaged } from "../seal/sealed_text.ts";
import type { Tokens } from "../token.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
} from "./token_cache.ts";
import { formatTokens, parseTokens, sealedTokens } from "./token_json.ts";

/** Options of {@linkcode SealedCache}. */
export interface SealedCacheOptions {
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Keeps tokens encrypted in any other cache: AES-256-GCM, with a key that is kept
 * elsewhere. A cache that is not sealed yet is read as it is, and sealed when it
 * is next written; one that is sealed cannot be read, or replaced by a login,
 * without its key.
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
  /** The box in use, so that a passphrase is stretched once. */
  #box: { readonly parameters: string; readonly box: Box } | undefined;

  /**
   * Wraps a cache.
   *
   * @param inner The cache that holds the sealed tokens.
   * @param key Where the key comes from.
   * @param options The clock.
   */
  constructor(
    inner: TokenCache,
    key: SealKey,
    options: SealedCacheOptions = {},
  ) {
    this.#inner = inner;
    this.#key = key;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Reads and opens the tokens.
   *
   * @returns The tokens.
   * @throws {TdauthError} `cache_sealed` when the key cannot be had or does not
   * fit, or a bit was changed; what is stored stays as it is. Else as the inner cache.
   */
  async load(): Promise<Tokens> {
    const stored = await this.#inner.load();
    if (stored.sealed === undefined) return stored;
    const { from, parameters, box: sealed } = parseSealed(stored.sealed);
    if (from !== this.#key.from) throw sealDamaged();
    if (this.#box?.parameters !== parameters) {
      const key = await this.#key.find(parameters);
      this.#box = { parameters, box: await boxOf(key) };
    }
    const text = await this.#box.box.open(sealed, contextOf(stored));
    if (text === undefined) {
      this.#box = undefined; // a wrong passphrase may be followed by the right one
      throw sealDamaged();
    }
    return parseTokens(text, this.#now);
  }

  /**
   * Seals and writes the tokens.
   *
   * @throws {TdauthError} `cache_sealed` when the key cannot be had, or what is
   * stored was sealed with another; nothing is written then. Else as the inner cache.
   */
  async save(tokens: Tokens): Promise<void> {
    // What another key has sealed must not be lost, and its own key is used again.
    if (this.#box === undefined) await this.load();
    if (this.#box === undefined) {
      const { key, parameters } = await this.#key.make();
      this.#box = { parameters, box: await boxOf(key) };
    }
    const { parameters, box } = this.#box;
    const sealed = formatSealed({
      from: this.#key.from,
      parameters,
      box: await box.seal(formatTokens(tokens), contextOf(tokens)),
    });
    await this.#inner.save(sealedTokens(sealed, tokens));
  }

  /** Forgets both tokens; it takes no key. */
  clear(): Promise<void> {
    return this.#inner.clear();
  }

  /** Runs functions of the same kind of work one after the other, as the inner cache does. */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T> {
    return this.#inner.exclusive(work, run, options);
  }
}

/** What stands beside the sealed tokens in clear, and cannot be changed either. */
function contextOf({ provider, consumerKey }: Tokens): string {
  return JSON.stringify(["tdauth tokens", provider, consumerKey]);
}
