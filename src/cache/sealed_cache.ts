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
   * Whose tokens they are: a user, a session, a profile. It is bound into the
   * seal, so that one user's tokens in another's place are not opened. It is
   * stored nowhere, so it must be the same each time. @default {""}
   */
  readonly name?: string;
  /**
   * Rejects tokens that are not sealed, instead of sealing them at the next
   * write: a program that may write to the store cannot add its own tokens. They
   * are left unchanged. @default {false}
   */
  readonly strict?: boolean;
}

/**
 * Stores tokens encrypted in any other cache: AES-256-GCM, with a key that is
 * stored elsewhere. An unsealed cache is read as it is, and sealed by the next
 * write, unless {@linkcode SealedCacheOptions.strict} rejects it; a sealed one
 * cannot be read, or replaced by a login, without its key.
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
   * Creates a cache that seals another one.
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

/** Checks that a text with tokens is sealed. */
async function sealedText(store: TokenCache): Promise<string> {
  const stored = await store.read();
  if (parseSealedFile(stored) !== undefined) return stored;
  if (hasTokens(parseTokens(stored))) throw notSealed();
  return "";
}

function notSealed(): TdauthError {
  return new TdauthError(
    "cache_sealed",
    "Cannot use the stored tokens: they are unencrypted, and this store accepts only sealed tokens",
    {
      hint:
        "clear() them and log in; if they predate sealing, read() and write() them once without strict",
    },
  );
}
