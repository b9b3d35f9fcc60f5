import type { Tokens } from "../token.ts";

/** What is done exclusively: getting new tokens by refresh, or by a login. */
export type ExclusiveWork = "refresh" | "login";

/** Options of {@linkcode TokenCache.exclusive}. */
export interface ExclusiveOptions {
  /** Ends the wait for others; `exclusive` then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * Where the tokens of one account are kept. {@linkcode MemCache} and
 * {@linkcode DiskCache} are two; implement it to keep them anywhere else.
 *
 * @example A cache on `localStorage`
 * ```ts
 * import { formatTokens, parseTokens, MemCache } from "@tdauth/tdauth";
 * import type { ExclusiveWork, TokenCache, Tokens } from "@tdauth/tdauth";
 *
 * class StorageCache implements TokenCache {
 *   #alone = new MemCache(); // one process: its queue is all the exclusivity needed
 *   load(): Promise<Tokens> {
 *     return Promise.resolve(parseTokens(localStorage.getItem("tokens") ?? ""));
 *   }
 *   save(tokens: Tokens): Promise<void> {
 *     localStorage.setItem("tokens", formatTokens(tokens));
 *     return Promise.resolve();
 *   }
 *   clear(): Promise<void> {
 *     localStorage.removeItem("tokens");
 *     return Promise.resolve();
 *   }
 *   exclusive<T>(work: ExclusiveWork, run: () => Promise<T>): Promise<T> {
 *     return this.#alone.exclusive(work, run);
 *   }
 * }
 * ```
 */
export interface TokenCache {
  /**
   * Reads the tokens as they are now, whoever wrote them last. An empty cache
   * gives absent tokens; one that cannot be read or understood rejects: it is
   * never taken for an empty one.
   *
   * @returns The tokens.
   * @throws {TdauthError} `cache_corrupt` when what is stored is damaged, `cache_unreadable` when it cannot be read now.
   */
  load(): Promise<Tokens>;
  /**
   * Replaces the tokens; resolves when they are durable, all of them or none.
   *
   * @param tokens The tokens, with whatever else they carry.
   * @throws {TdauthError} `cache_unreadable` when they cannot be written; the old ones are then as they were.
   */
  save(tokens: Tokens): Promise<void>;
  /**
   * Forgets both tokens.
   *
   * @throws {TdauthError} `cache_unreadable` when it cannot be done now.
   */
  clear(): Promise<void>;
  /**
   * Runs `run` while nobody else who uses the same store, in this process or in
   * another, runs the same kind of work. Waiting leaves the event loop free.
   *
   * @param work The kind of work: a refresh and a login do not wait for each other.
   * @param run What to do; it may `load()` and `save()`.
   * @param options What ends the wait.
   * @returns What `run` gives.
   * @throws {unknown} What `run` throws, or the reason of the signal that ended the wait.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T>;
}
