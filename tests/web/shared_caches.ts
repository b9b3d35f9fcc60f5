/** One store for several processes of an application, in memory. */
import { MemCache, TdauthError, type TokenCache } from "../../mod.ts";

/** A `cacheFor` whose caches a test can look at and break. */
export interface SharedCaches {
  (session: string): TokenCache;
  /** The caches that there are. */
  all(): TokenCache[];
  /** Those whose every use fails. */
  readonly breaks: Set<TokenCache>;
  /** Whether every use fails. */
  away: boolean;
}

/** Makes a store. */
export function sharedCaches(): SharedCaches {
  const caches = new Map<string, TokenCache>();
  const store: SharedCaches = Object.assign(
    (session: string): TokenCache => {
      const known = caches.get(session);
      if (known !== undefined) return known;
      const inner = new MemCache();
      const tried = <T>(run: () => Promise<T>): Promise<T> =>
        store.away || store.breaks.has(cache) ? Promise.reject(away()) : run();
      const cache: TokenCache = {
        read: () => tried(() => inner.read()),
        write: (text) => tried(() => inner.write(text)),
        clear: () => tried(() => Promise.resolve(inner.clear())),
        exclusive: (work, run, options) =>
          tried(() => inner.exclusive(work, run, options)),
      };
      caches.set(session, cache);
      return cache;
    },
    {
      all: () => [...caches.values()],
      breaks: new Set<TokenCache>(),
      away: false,
    },
  );
  return store;
}

/** The error of a store that is away. */
export function away(): TdauthError {
  return new TdauthError(
    "cache_unreadable",
    "Cannot read tokens: the store is away",
  );
}
