import type { Claims } from "./claims.ts";
import type { PendingLogin } from "./pending_login.ts";

/**
 * How far into the future, in seconds, a token's time of issue may lie before the
 * clock counts as turned back. Brokers' and users' clocks differ by seconds; five
 * minutes is what Kerberos and JWT libraries allow.
 */
const CLOCK_TOLERANCE = 300;

/** What a token is made of. */
export interface TokenData {
  /** The token itself. */
  readonly token: string;
  /** When it was issued, in seconds since the epoch. @default {now} */
  readonly accessTime?: number;
  /** Its lifetime, in seconds; `Infinity` when the broker does not state it. */
  readonly expiresIn: number;
}

/** What {@linkcode AccessToken} and {@linkcode RefreshToken} share. */
export abstract class Token {
  readonly #token: string | undefined;
  readonly #now: () => number;
  /** When it was issued, in seconds since the epoch; 0 for an absent token. */
  readonly accessTime: number;
  /** Its lifetime from `accessTime`, in seconds; 0 for an absent token. */
  readonly expiresIn: number;

  /**
   * Creates a token; an absent one without arguments.
   *
   * @param data The token; absent by default.
   * @param now The clock, in milliseconds since the epoch.
   */
  constructor(data?: TokenData, now: () => number = Date.now) {
    this.#now = now;
    this.#token = data === undefined || data.token === ""
      ? undefined
      : data.token;
    this.accessTime = data === undefined
      ? 0
      : data.accessTime ?? Math.floor(now() / 1000);
    this.expiresIn = data === undefined ? 0 : data.expiresIn;
  }

  /** How far in the future, in seconds, its time of issue may lie. */
  protected get clockTolerance(): number {
    return CLOCK_TOLERANCE;
  }

  /** The token itself, or `undefined` when there is none. */
  get token(): string | undefined {
    return this.#token;
  }

  /** When it expires, in seconds since the epoch. */
  get expiry(): number {
    return this.accessTime + this.expiresIn;
  }

  /** Whether there is a token and it has not expired. */
  get valid(): boolean {
    return this.remaining > 0;
  }

  /**
   * How many seconds it is still valid; 0 when it is absent or expired, or when
   * an access token was issued more than five minutes in the future: then the
   * clock was turned back, and its age is unknown.
   */
  get remaining(): number {
    if (this.#token === undefined) return 0;
    const now = this.#now() / 1000;
    const left = this.expiry - now;
    // NaN, from a damaged file, must not pass as valid either.
    if (!(left > 0) || this.accessTime - now > this.clockTolerance) return 0;
    return Math.min(left, this.expiresIn);
  }

  /** The token itself, so that `Bearer ${token}` works; empty when there is none. */
  toString(): string {
    return this.#token ?? "";
  }

  /** Returns for `JSON.stringify` everything but the token. */
  toJSON(): Record<string, unknown> {
    return {
      token: this.#token === undefined ? null : "[redacted]",
      accessTime: this.accessTime,
      expiresIn: this.expiresIn,
      expiry: this.expiry,
      valid: this.valid,
    };
  }

  /** Returns for `console.log` and `Deno.inspect` everything but the token. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.#summary();
  }

  /** Returns for Node's `util.inspect` everything but the token. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.#summary();
  }

  #summary(): string {
    if (this.#token === undefined) {
      return `${this.constructor.name} { absent }`;
    }
    const date = new Date(this.expiry * 1000);
    const expiry = Number.isNaN(date.getTime())
      ? "unknown"
      : date.toISOString();
    return `${this.constructor.name} { [redacted], valid: ${this.valid}, expiry: ${expiry} }`;
  }
}

/**
 * A short-lived token that authorizes requests. `String(token)` is its value;
 * logging or serializing it never shows it.
 *
 * @example
 * ```ts
 * import { AccessToken } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const token = new AccessToken({ token: "abc", expiresIn: 1800 });
 * assert.equal(`Bearer ${token}`, "Bearer abc");
 * assert.equal(token.valid, true);
 * assert.equal(new AccessToken().valid, false);
 * assert.ok(!Deno.inspect(token).includes("abc"));
 * ```
 */
export class AccessToken extends Token {}

/**
 * A long-lived token that gets new access tokens. `String(token)` is its value;
 * logging or serializing it never shows it.
 *
 * @example
 * ```ts
 * import { RefreshToken } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const token = new RefreshToken({ token: "abc", accessTime: 1700000000, expiresIn: 604800 });
 * assert.equal(token.expiry, 1700604800);
 * ```
 */
export class RefreshToken extends Token {
  /** No limit: trying a dead refresh token costs one request, not trying a live one costs a login. */
  protected override get clockTolerance(): number {
    return Infinity;
  }
}

/** Tokens without the journal of their refresh token, which does not apply to another. */
export function withoutMarks(tokens: Tokens): Tokens {
  const {
    refreshPending: _,
    refreshRefused: __,
    refreshDoubt: ___,
    client: ____,
    ...rest
  } = tokens;
  return rest;
}

/** What an empty cache holds. */
export function noTokens(): Tokens {
  return {
    accessToken: new AccessToken(),
    refreshToken: new RefreshToken(),
  };
}

/** Whether there is a token that could be used. */
export function hasTokens({ accessToken, refreshToken }: Tokens): boolean {
  return accessToken.token !== undefined || refreshToken.token !== undefined;
}

/**
 * Whether a provider issued the tokens, so that none is ever sent to another.
 * Files without that entry, such as pyTD's, match any provider.
 *
 * @param tokens The tokens.
 * @param provider The provider's id.
 * @returns Whether they may be used with it.
 */
export function issuedBy(tokens: Tokens, provider: string): boolean {
  return tokens.provider === undefined || tokens.provider === provider;
}

/** The tokens, where a provider issued them; absent ones where another one did. */
export function tokensOf(tokens: Tokens, provider: string): Tokens {
  return issuedBy(tokens, provider) ? tokens : noTokens();
}

/**
 * Whether the last login still holds: its refresh token is valid and was not
 * rejected; where the broker issued none, its access token is valid.
 */
export function isLoggedIn(
  { accessToken, refreshToken, refreshRefused }: Tokens,
): boolean {
  return refreshToken.token === undefined
    ? accessToken.valid
    : refreshToken.valid && refreshRefused === undefined;
}

/** For how many seconds no login is needed; a rejected refresh token no longer counts. */
export function loginNeededIn(
  { accessToken, refreshToken, refreshRefused }: Tokens,
): number {
  return refreshRefused === undefined
    ? Math.max(accessToken.remaining, refreshToken.remaining)
    : accessToken.remaining;
}

/**
 * When the next login is due, in seconds since the epoch: when the last token
 * ends that can be used or refreshed. `Infinity` when that is unknown, 0 when
 * there are no tokens.
 */
export function loginDue(
  { accessToken, refreshToken, refreshRefused }: Tokens,
): number {
  return Math.max(
    accessToken.expiry,
    refreshRefused === undefined ? refreshToken.expiry : 0,
  );
}

/** What a cache holds for one account. Absent tokens are objects with `token === undefined`. */
export interface Tokens {
  /** The access token. */
  readonly accessToken: AccessToken;
  /** The refresh token. */
  readonly refreshToken: RefreshToken;
  /** When the user last logged in, in seconds since the epoch, where known. */
  readonly loginTime?: number;
  /** The granted scope, where the broker states it. */
  readonly scope?: string;
  /** The origin of the API that the broker named with the tokens, where it does. */
  readonly apiOrigin?: string;
  /**
   * When a refresh was sent whose answer has not been stored, in seconds since
   * the epoch: it is in progress, or its response was lost.
   */
  readonly refreshPending?: number;
  /** When and why the broker rejected the refresh token, where it did. */
  readonly refreshRefused?: {
    /** Seconds since the epoch. */
    readonly time: number;
    /** The broker's reason, without secrets. */
    readonly reason: string;
    /** How often it has rejected this refresh token. @default {1} */
    readonly times?: number;
  };
  /** Since when the refresh token may be dead: refreshes were answered by the broker, or by something on the way. */
  readonly refreshDoubt?: {
    /** When the first such answer came, in seconds since the epoch. */
    readonly time: number;
    /** When the last one came, in seconds since the epoch. */
    readonly last: number;
    /** What the last one was, without secrets. */
    readonly reason: string;
  };
  /** How the broker has accepted or rejected the client, where that must be remembered. */
  readonly client?: {
    /** Tells the client's settings from others: a salted hash. */
    readonly settings: string;
    /** The client authentication that has worked; no other is tried. */
    readonly works?: string;
    /** The rejection of the client, where it is the last word. */
    readonly rejected?: {
      /** When it was, in seconds since the epoch. */
      readonly time: number;
      /** The broker's reason, without secrets. */
      readonly reason: string;
      /** The client authentications that were tried; those at the device authorization endpoint begin with `device:`. */
      readonly ways: readonly string[];
      /** How often the token endpoint has rejected these settings. @default {once for each of `ways`} */
      readonly times?: number;
    };
  };
  /** Who has logged in, where the provider said so with the tokens. */
  readonly claims?: Claims;
  /**
   * A login that was begun and can be finished, where there is one.
   *
   * @internal
   */
  readonly pendingLogin?: PendingLogin;
  /** The id of the provider that issued the tokens, where known. */
  readonly provider?: string;
  /** The consumer key they were issued to, where known. */
  readonly consumerKey?: string;
}
