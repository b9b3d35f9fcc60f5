import { MemCache } from "../cache/mem_cache.ts";
import type { TokenCache } from "../cache/token_cache.ts";

/** How many new sessions come, at least, between two looks for ended ones. */
const SWEEP_EVERY = 1000;

/** Keeps the tokens of many sessions in the memory of this process. */
export function memCaches(): (session: string) => TokenCache {
  const caches = new Map<string, { cache: MemCache; sweep: number }>();
  let sweep = 0;
  let untilSweep = SWEEP_EVERY;
  return (session) => {
    const known = caches.get(session);
    if (known !== undefined) {
      known.sweep = sweep;
      return known.cache;
    }
    if (--untilSweep <= 0) {
      for (const [name, { cache, sweep: used }] of caches) {
        // One that is empty and was just used may be in the middle of its login.
        const over = !cache.refreshToken.valid && !cache.accessToken.valid;
        if (over && used < sweep) caches.delete(name);
      }
      sweep++;
      untilSweep = Math.max(SWEEP_EVERY, caches.size);
    }
    const cache = new MemCache();
    caches.set(session, { cache, sweep });
    return cache;
  };
}
