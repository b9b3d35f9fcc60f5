import {
  type AccessToken,
  noTokens,
  type RefreshToken,
  type Tokens,
  withoutMarks,
} from "../token.ts";
import { inTurn } from "../base/queue.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
} from "./token_cache.ts";

/** Numbers the caches, so that each has a queue of its own. */
let count = 0;

/**
 * Keeps tokens in memory. They are gone when the program ends.
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
  #tokens: Tokens = noTokens();

  /** The access token; an absent one has `token === undefined`. */
  get accessToken(): AccessToken {
    return this.#tokens.accessToken;
  }
  set accessToken(accessToken: AccessToken) {
    this.#tokens = { ...this.#tokens, accessToken };
  }

  /** The refresh token; an absent one has `token === undefined`. */
  get refreshToken(): RefreshToken {
    return this.#tokens.refreshToken;
  }
  set refreshToken(refreshToken: RefreshToken) {
    this.#tokens = { ...withoutMarks(this.#tokens), refreshToken };
  }

  /**
   * Gives the tokens as they are now.
   *
   * @returns The tokens; absent ones where there are none.
   */
  load(): Promise<Tokens> {
    return Promise.resolve(this.#tokens);
  }

  /**
   * Replaces the tokens.
   *
   * @param tokens The tokens.
   */
  save(tokens: Tokens): Promise<void> {
    const { journalOnly: _, ...stored } = tokens;
    this.#tokens = stored;
    return Promise.resolve();
  }

  /** Forgets both tokens; takes effect at once, awaited or not. */
  clear(): Promise<void> {
    this.#tokens = noTokens();
    return Promise.resolve();
  }

  /**
   * Runs functions of the same kind of work one after the other.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` gives.
   * @throws {unknown} What `run` throws, or the reason of the signal that ended the wait.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options: ExclusiveOptions = {},
  ): Promise<T> {
    return inTurn(`${this.#queue}:${work}`, run, options);
  }
}
