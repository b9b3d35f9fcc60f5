import type { LockHolder } from "../system/lock_holder.ts";

/** The kinds of exclusive work: getting new tokens by a refresh, or by a login. */
export type ExclusiveWork = "refresh" | "login";

/** Options of {@linkcode TokenCache.exclusive}. */
export interface ExclusiveOptions {
  /** Ends the wait for the lock; `exclusive` then rejects with its reason. */
  readonly signal?: AbortSignal;
  /**
   * Called every second while another process holds the lock, so that people
   * can be told what is waited for. A store may leave that out, or say nothing
   * about the process.
   */
  readonly onWait?: (holder?: LockHolder) => void;
}

/**
 * The kind of a written text: the tokens of a login, those of a refresh, or
 * unchanged tokens with a new journal of their refresh.
 */
export type WriteKind = "login" | "refresh" | "journal";

/** Facts about a text for a store, which need not parse it. */
export interface WriteOptions {
  /**
   * The kind of the text. A store that several machines write to rejects a
   * `journal` from a process that has lost its turn to another one: a request
   * with the refresh token would follow.
   */
  readonly kind: WriteKind;
  /**
   * When the text expires, in seconds since the epoch: a store may delete it then.
   * @default {unknown: keep it}
   */
  readonly expires?: number;
}

/**
 * Stores the tokens of one account, as a text. {@linkcode MemCache} and
 * {@linkcode DiskCache} are two implementations; write your own to store them
 * anywhere else, and check it with the tests of `@tdauth/tdauth/testing`. A store
 * that many processes use gets its `exclusive` from {@linkcode leaseLock}.
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
   * Reads the current text, whichever process wrote it last. A store that cannot
   * be read, or contains something else, rejects: it is never treated as empty.
   *
   * @returns The last written text; an empty one, or one without tokens, when there is none.
   * @throws {TdauthError} `cache_corrupt` when the stored text is damaged,
   * `cache_unreadable` when it cannot be read now.
   */
  read(): Promise<string>;
  /**
   * Replaces the text atomically; resolves when it is durable.
   *
   * @param text The text.
   * @param options Its kind, and when it expires.
   * @throws {TdauthError} `cache_unreadable` when it cannot be written, `busy`
   * when another process has taken over the turn; the old text is then unchanged.
   */
  write(text: string, options: WriteOptions): Promise<void>;
  /**
   * Makes sure that the next tokens can be stored, before a broker is asked for
   * them: it may have invalidated the old ones when a full disk is noticed.
   * Optional, for stores that can do nothing about it.
   *
   * @param work What the tokens are from; it runs under {@linkcode TokenCache.exclusive}.
   * @returns Ends the reservation when it is disposed.
   * @throws {TdauthError} `cache_unreadable` when they could not be stored.
   */
  reserve?(work: ExclusiveWork): Promise<Disposable>;
  /**
   * Deletes the tokens.
   *
   * @throws {TdauthError} `cache_unreadable` when they cannot be deleted now.
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
