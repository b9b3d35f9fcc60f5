import {
  AccessToken,
  RefreshToken,
  type TokenData,
  type Tokens,
} from "../token/token.ts";
import { formatTokens, parseTokens } from "../token/token_json.ts";
import { CodedCache } from "./coded_cache.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
  WriteKind,
} from "./token_cache.ts";

/** Options of {@linkcode StoredTokens}. */
export interface StoredTokensOptions {
  /** The clock of the tokens, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: (() => number) | undefined;
  /** When the tokens' session ends, in seconds since the epoch: no store keeps them longer. @default {never} */
  readonly until?: number;
}

/** The last text of a store, and its tokens. */
interface Memo {
  readonly text: string;
  readonly now: () => number;
  readonly tokens: Tokens;
}

/** How long, in seconds, a text without tokens is needed: it belongs to a login in progress, or to a failed one. */
const EMPTY_LIFE = 600;

/** By store, so that a web application with one store for each session parses its text once. */
const memos = new WeakMap<TokenCache, Memo>();

/** The tokens in a store, as the rest of the program sees them. */
export class StoredTokens {
  /** The store of their text. */
  readonly store: TokenCache;
  readonly #now: () => number;
  readonly #until: number | undefined;

  /**
   * Opens the tokens in a store; nothing is read yet.
   *
   * @param store The store of their text.
   * @param options Their clock, and when their session ends.
   */
  constructor(
    store: TokenCache,
    { now = Date.now, until }: StoredTokensOptions = {},
  ) {
    this.store = store;
    this.#now = now;
    this.#until = until;
  }

  /**
   * Reads the current tokens.
   *
   * @returns The tokens; absent ones where there are none.
   * @throws {TdauthError} As the store; `cache_corrupt` when its text contains no
   * token file, `cache_sealed` when the tokens are sealed.
   */
  async load(): Promise<Tokens> {
    const text = await this.store.read();
    const memo = memos.get(this.store);
    if (memo?.text === text && memo.now === this.#now) return memo.tokens;
    const tokens = parseTokens(text, this.#now);
    memos.set(this.store, { text, now: this.#now, tokens });
    return tokens;
  }

  /**
   * Replaces the tokens.
   *
   * @param tokens The tokens.
   * @param kind Where they are from; `journal` when only the journal of their refresh is new.
   * @throws {TdauthError} As the store.
   */
  async save(tokens: Tokens, kind: WriteKind): Promise<void> {
    const kept = this.#until === undefined
      ? tokens
      : tokensUntil(tokens, this.#until, this.#now);
    const expires = this.#expiresOf(kept);
    await this.store.write(formatTokens(kept), {
      kind,
      ...(expires !== undefined && { expires }),
    });
  }

  /**
   * Makes sure that the next tokens can be stored, if the store can.
   *
   * @param work What the tokens are from.
   * @returns Ends the reservation when it is disposed.
   * @throws {TdauthError} As the store.
   */
  async reserve(work: ExclusiveWork): Promise<Disposable> {
    return await this.store.reserve?.(work) ?? { [Symbol.dispose]() {} };
  }

  /**
   * Deletes the tokens.
   *
   * @throws {TdauthError} As the store.
   */
  clear(): Promise<void> {
    return this.store.clear();
  }

  /**
   * Asks the user what exclusive work will need, before the lock is taken.
   *
   * @throws {unknown} What the user's answer throws.
   */
  async askFirst(): Promise<void> {
    if (this.store instanceof CodedCache) await this.store.askFirst();
  }

  /**
   * Runs exclusive work, as the store does.
   *
   * @param work The kind of work.
   * @param run What to do.
   * @param options What ends the wait.
   * @returns What `run` returns.
   * @throws {unknown} As the store.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options?: ExclusiveOptions,
  ): Promise<T> {
    return this.store.exclusive(work, run, options);
  }

  /** When the last of the tokens expires; `undefined` when the broker does not state it. */
  #expiresOf(
    { accessToken, refreshToken, client }: Tokens,
  ): number | undefined {
    const end = Math.max(refreshToken.expiry, accessToken.expiry);
    if (end === 0) {
      // A rejected client stays rejected until its settings change.
      return client && this.#until === undefined
        ? undefined
        : this.#now() / 1000 + EMPTY_LIFE;
    }
    return Number.isFinite(end) ? end : undefined;
  }
}

/**
 * Limits tokens to a session's end, so that no store keeps them longer, whatever
 * lifetime the broker states.
 *
 * @param tokens The tokens.
 * @param end When the session ends, in seconds since the epoch.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The tokens; each expires with the session, or earlier.
 */
export function tokensUntil(
  tokens: Tokens,
  end: number,
  now: () => number,
): Tokens {
  const { accessToken, refreshToken } = tokens;
  if (accessToken.expiry <= end && refreshToken.expiry <= end) return tokens;
  return {
    ...tokens,
    accessToken: new AccessToken(dataUntil(accessToken, end), now),
    refreshToken: new RefreshToken(dataUntil(refreshToken, end), now),
  };
}

/** What a token is made of, with a lifetime that ends with the session. */
function dataUntil(
  { token, accessTime, expiresIn }: AccessToken | RefreshToken,
  end: number,
): TokenData | undefined {
  return token === undefined ? undefined : {
    token,
    accessTime,
    expiresIn: Math.max(0, Math.min(expiresIn, end - accessTime)),
  };
}
