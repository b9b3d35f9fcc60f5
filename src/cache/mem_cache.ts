import {
  type AccessToken,
  type RefreshToken,
  type Tokens,
  withoutMarks,
} from "../token/token.ts";
import { formatTokens, parseTokens } from "../token/token_json.ts";
import { withMutex } from "../base/mutex.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
  WriteOptions,
} from "./token_cache.ts";

/** Options of {@linkcode MemCache}. */
export interface MemCacheOptions {
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/** Numbers the caches: each has its own queue. */
let count = 0;

/**
 * Stores tokens in memory. They are gone when the program ends.
 *
 * @example
 * ```ts
 * import { MemCache, RefreshToken } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const cache = new MemCache();
 * cache.refreshToken = new RefreshToken({ token: "R", expiresIn: 604800 });
 * assert.equal(cache.refreshToken.valid, true);
 * assert.equal(cache.accessToken.valid, false); // absent
 * cache.clear();
 * assert.equal(cache.refreshToken.token, undefined);
 * ```
 */
export class MemCache implements TokenCache {
  readonly #queue = `mem:${count++}`;
  readonly #now: () => number;
  #text = "";

  /**
   * Creates an empty cache.
   *
   * @param options The clock.
   */
  constructor({ now = Date.now }: MemCacheOptions = {}) {
    this.#now = now;
  }

  /** The access token; an absent one has `token === undefined`. */
  get accessToken(): AccessToken {
    return this.#tokens().accessToken;
  }
  set accessToken(accessToken: AccessToken) {
    this.#text = formatTokens({ ...this.#tokens(), accessToken });
  }

  /** The refresh token; an absent one has `token === undefined`. */
  get refreshToken(): RefreshToken {
    return this.#tokens().refreshToken;
  }
  set refreshToken(refreshToken: RefreshToken) {
    this.#text = formatTokens({
      ...withoutMarks(this.#tokens()),
      refreshToken,
    });
  }

  /**
   * Reads the text.
   *
   * @returns The text; empty when there is none.
   */
  read(): Promise<string> {
    return Promise.resolve(this.#text);
  }

  /**
   * Replaces the text; takes effect immediately, awaited or not.
   *
   * @param text The text.
   * @param _options Not used in memory.
   */
  write(text: string, _options?: WriteOptions): Promise<void> {
    this.#text = text;
    return Promise.resolve();
  }

  /** Deletes the tokens; takes effect immediately, awaited or not. */
  clear(): Promise<void> {
    this.#text = "";
    return Promise.resolve();
  }

  /**
   * Runs functions of the same kind of work one at a time.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` returns.
   * @throws {unknown} What `run` throws, or the reason of the signal that ended the wait.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options: ExclusiveOptions = {},
  ): Promise<T> {
    return withMutex(`${this.#queue}:${work}`, run, options);
  }

  #tokens(): Tokens {
    return parseTokens(this.#text, this.#now);
  }
}
