/** What is done exclusively: getting new tokens by refresh, or by a login. */
export type ExclusiveWork = "refresh" | "login";

/** Options of {@linkcode TokenCache.exclusive}. */
export interface ExclusiveOptions {
  /** Ends the wait for others; `exclusive` then rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * What a text is that is written: the tokens of a login, those of a refresh, or
 * the tokens that were there before with another note about their refresh.
 */
export type WriteKind = "login" | "refresh" | "journal";

/** What a store is told about a text, which it need not understand. */
export interface WriteOptions {
  /**
   * What the text is. A store that several machines write to refuses a `journal`
   * from a process whose turn another one has taken over: a request that uses the
   * refresh token would follow.
   */
  readonly kind: WriteKind;
  /**
   * When the text is of no use any more, in seconds since the epoch: a store may
   * forget it then.
   * @default {not known: keep it}
   */
  readonly expires?: number;
}

/**
 * Where the tokens of one account are kept, as a text. {@linkcode MemCache} and
 * {@linkcode DiskCache} are two; implement it to keep them anywhere else, and
 * prove it with the tests of `@tdauth/tdauth/testing`. A store of many processes
 * gets its `exclusive` from {@linkcode leaseLock}.
 *
 * @example A cache on `localStorage`
 * ```ts
 * import { MemCache } from "@tdauth/tdauth";
 * import type { ExclusiveOptions, ExclusiveWork, TokenCache } from "@tdauth/tdauth";
 *
 * class StorageCache implements TokenCache {
 *   #queue = new MemCache(); // one process: its queue is all the exclusivity needed
 *   read(): Promise<string> {
 *     return Promise.resolve(localStorage.getItem("tokens") ?? "");
 *   }
 *   write(text: string): Promise<void> {
 *     localStorage.setItem("tokens", text);
 *     return Promise.resolve();
 *   }
 *   clear(): Promise<void> {
 *     localStorage.removeItem("tokens");
 *     return Promise.resolve();
 *   }
 *   exclusive<T>(
 *     work: ExclusiveWork,
 *     run: () => Promise<T>,
 *     options?: ExclusiveOptions,
 *   ): Promise<T> {
 *     return this.#queue.exclusive(work, run, options);
 *   }
 * }
 * ```
 */
export interface TokenCache {
  /**
   * Reads the text as it is now, whichever process wrote it last. A store that
   * cannot be read, or holds what it does not understand, rejects: it is never
   * taken for an empty one.
   *
   * @returns The text that was last written; an empty one, or one without tokens in it, when there is none.
   * @throws {TdauthError} `cache_corrupt` when what is stored is damaged, `cache_unreadable` when it cannot be read now.
   */
  read(): Promise<string>;
  /**
   * Replaces the text; resolves when it is durable, all of it or nothing.
   *
   * @param text The text.
   * @param options What it is, and how long it is of use.
   * @throws {TdauthError} `cache_unreadable` when it cannot be written, `busy` when
   * another process has taken over the turn; the old text is then as it was.
   */
  write(text: string, options: WriteOptions): Promise<void>;
  /**
   * Forgets the tokens.
   *
   * @throws {TdauthError} `cache_unreadable` when it cannot be done now.
   */
  clear(): Promise<void>;
  /**
   * Runs `run` while no other user of the same store, in this process or in
   * another, runs the same kind of work. Waiting leaves the event loop free.
   *
   * @param work The kind of work: a refresh and a login do not wait for each other.
   * @param run What to do; it may `read()` and `write()`.
   * @param options What ends the wait.
   * @returns What `run` returns.
   * @throws {unknown} What `run` throws, or the reason of the signal that ended the wait.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T>;
}
