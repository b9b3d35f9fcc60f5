import type { TokenCache } from "../mod.ts";
import { StoredTokens } from "../src/cache/stored_tokens.ts";

/** The tokens in a cache, as the program sees them. */
export function tokensIn(cache: TokenCache, now?: () => number): StoredTokens {
  return new StoredTokens(cache, { now });
}
