import { MemCache } from "../cache/mem_cache.ts";
import type { TokenCache } from "../cache/token_cache.ts";

/** The minimum number of new sessions between two sweeps. */
const SWEEP_EVERY = 1000;

/** What is kept of a session. */
interface SessionEntry {
  readonly cache: MemCache;
  /** When it began, in seconds since the epoch. */
  readonly since: number;
  /** The sweep before which it was last used. */
  sweep: number;
}

/**
 * Keeps the tokens of many sessions in the memory of this process.
 *
 * @param lifetime How long a session lasts at most, in seconds: none is kept longer, whatever its tokens say.
 * @param now The clock, in milliseconds since the epoch.
 */
export function memCaches(
  lifetime: number,
  now: () => number,
): (session: string) => TokenCache {
  const caches = new Map<string, SessionEntry>();
  let sweep = 0;
  let untilSweep = SWEEP_EVERY;
  return (session) => {
    const known = caches.get(session);
    if (known !== undefined) {
      known.sweep = sweep;
      return known.cache;
    }
    const since = now() / 1000;
    if (--untilSweep <= 0) {
      for (const [name, { cache, ...kept }] of caches) {
        // One that is empty and was just used may be in the middle of its login.
        const over = !cache.refreshToken.valid && !cache.accessToken.valid &&
          kept.sweep < sweep;
        if (over || since - kept.since > lifetime) caches.delete(name);
      }
      sweep++;
      untilSweep = Math.max(SWEEP_EVERY, caches.size);
    }
    const cache = new MemCache({ now });
    caches.set(session, { cache, since, sweep });
    return cache;
  };
}
