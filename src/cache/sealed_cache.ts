import { TdauthError } from "../base/errors.ts";
import { SealCodec } from "../seal/seal_codec.ts";
import type { SealKey } from "../seal/seal_key.ts";
import { hasTokens } from "../token/token.ts";
import { parseSealedFile } from "../token/sealed_file.ts";
import { parseTokens } from "../token/token_json.ts";
import { CodedCache } from "./coded_cache.ts";
import type { TokenCache } from "./token_cache.ts";

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
   * write: a program that may write to the store cannot bring in tokens of its own.
   * They are left as they are. @default {false}
   */
  readonly strict?: boolean;
}

/**
 * Keeps tokens encrypted in any other cache: AES-256-GCM, with a key that is kept
 * elsewhere. A cache that is not sealed yet is read as it is, and sealed when it
 * is next written, unless that is refused ({@linkcode SealedCacheOptions.strict});
 * one that is sealed cannot be read, or replaced by a login, without its key.
 *
 * @example
 * ```ts
 * import { AccessToken, formatTokens, MemCache, noTokens, parseTokens, rawKey, SealedCache } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const key = rawKey(btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))));
 * const plain = new MemCache(); // or a DiskCache, a RedisCache, one of your own
 * const cache = new SealedCache(plain, key);
 * const accessToken = new AccessToken({ token: "A", expiresIn: 1800 });
 * await cache.write(formatTokens({ ...noTokens(), accessToken }), { kind: "login" });
 * assert.equal(parseTokens(await cache.read()).accessToken.token, "A");
 * assert.throws(() => plain.accessToken, { code: "cache_sealed" });
 * ```
 */
export class SealedCache extends CodedCache {
  /**
   * Seals what is in a cache.
   *
   * @param store The cache that holds the sealed text.
   * @param key Where the key comes from.
   * @param options Whose tokens they are, and whether they must be sealed.
   */
  constructor(
    store: TokenCache,
    key: SealKey,
    options: SealedCacheOptions = {},
  ) {
    const codec = new SealCodec(key, options.name);
    super(store, {
      stored: () => options.strict ? sealedText(store) : store.read(),
      opens: () => Promise.resolve(codec),
      seals: () => Promise.resolve(codec),
    });
  }
}

/** Reads a text that must be sealed where there are tokens in it. */
async function sealedText(store: TokenCache): Promise<string> {
  const stored = await store.read();
  if (parseSealedFile(stored) !== undefined) return stored;
  if (hasTokens(parseTokens(stored))) throw notSealed();
  return "";
}

function notSealed(): TdauthError {
  return new TdauthError(
    "cache_sealed",
    "Cannot use the stored tokens: they are in clear, where sealed ones alone are taken",
    {
      hint:
        "clear() them and log in; if they are older than the sealing, read() and write() them once without strict",
    },
  );
}
