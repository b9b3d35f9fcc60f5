import type { TokenCache } from "../cache/token_cache.ts";
import { RefreshToken, type Tokens } from "../token.ts";

/**
 * Tokens that nobody can refresh after a session's end, so that no store keeps
 * them longer: whatever the broker says of their life, or where it says nothing.
 *
 * @param tokens The tokens.
 * @param end When the session ends, in seconds since the epoch.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The tokens; the refresh token expires with the session, or earlier.
 */
export function tokensUntil(
  tokens: Tokens,
  end: number,
  now: () => number,
): Tokens {
  const { token, accessTime, expiry } = tokens.refreshToken;
  if (token === undefined || expiry <= end) return tokens;
  const expiresIn = Math.max(0, end - accessTime);
  return {
    ...tokens,
    refreshToken: new RefreshToken({ token, accessTime, expiresIn }, now),
  };
}

/**
 * The cache of a session, whose tokens end with it.
 *
 * @param cache The cache that keeps them.
 * @param end When the session ends, in seconds since the epoch.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The cache to work with.
 */
export function cacheUntil(
  cache: TokenCache,
  end: number,
  now: () => number,
): TokenCache {
  return {
    load: () => cache.load(),
    save: (tokens) => cache.save(tokensUntil(tokens, end, now)),
    clear: () => cache.clear(),
    exclusive: (work, run, options) => cache.exclusive(work, run, options),
  };
}
