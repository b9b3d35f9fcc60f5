import {
  type Lease,
  type LeaseLock,
  leaseLock,
  type LeaseRequest,
  overtaken,
} from "../lease_lock.ts";
import { delay } from "../../base/delay.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
  WriteKind,
  WriteOptions,
} from "../token_cache.ts";
import { TdauthError } from "../../base/errors.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { ACQUIRE, CLEAR, RELEASE, RENEW, SAVE } from "./scripts.ts";

/** The scripts' names for the kinds of writes. */
const KINDS: Readonly<Record<WriteKind, string>> = {
  login: "login",
  refresh: "new",
  journal: "old",
};
/** How long, in milliseconds, a cache without tokens is kept: a login in progress, or a failed one. */
const EMPTY_LIFE = 600_000;
/** How long expired tokens are kept at least, in milliseconds, so that tdauth can still report that they have expired. */
const LEAST_LIFE = 60_000;
/** How long tokens are kept at most, in milliseconds: ten years. */
const LONGEST_LIFE = 315_576_000_000;
/** How long, in milliseconds, a logout is remembered: a process that writes later was suspended for a day. */
const CLEARED_LIFE = 86_400_000;
/**
 * How long, in milliseconds, a new holder waits when the previous one never
 * released its lock: that one may be alive and cut off, with new tokens, and try
 * to store them as soon as it can.
 */
const GRACE = 2_000;

/**
 * Stores one user's tokens in Redis. {@linkcode connectRedis} creates it.
 *
 * Only one process on any machine refreshes at a time. Its lock is a lease, which
 * it renews while it works, and its writes carry a fencing token, so that one
 * that was suspended and resumes late neither overwrites the next one's tokens
 * nor marks, and so sends, a refresh of its own. When Redis goes away before a
 * refresh is sent nothing is sent; when it goes away afterwards, the new tokens
 * are stored as soon as it is back. A logout is, too.
 */
export class RedisCache implements TokenCache {
  readonly #redis: RedisConnection;
  readonly #key: string;
  readonly #lock: LeaseLock;

  /**
   * Creates a cache; {@linkcode RedisStore.cacheFor} does it for you.
   *
   * @param redis The connection.
   * @param user The user's or the session's name.
   */
  constructor(redis: RedisConnection, user: string) {
    this.#redis = redis;
    // In braces, so that a cluster keeps all keys of a user together.
    this.#key = `${redis.prefix}{${encodeURIComponent(user)}}`;
    this.#lock = leaseLock({
      acquire: (request) => this.#acquire(request),
      renew: ({ work, owner }) =>
        redis.attempt(RENEW, this.#lockKeys(work), [
          owner,
          String(redis.lease),
          work,
          "0",
        ]),
      release: (request) => this.#release(request),
    }, {
      lease: redis.lease / 1000,
      // Of all waiters in this process only one asks Redis.
      queue: `redis:${redis.id}:${this.#key}`,
    });
  }

  /**
   * Reads the text of the tokens.
   *
   * @returns The text; empty when there is none.
   * @throws {TdauthError} `cache_unreadable` when Redis is unavailable,
   * `cache_corrupt` when something else is stored there.
   */
  async read(): Promise<string> {
    return await this.#redis.read(`${this.#key}:tokens`, "tokens") ?? "";
  }

  /**
   * Writes the text of the tokens, which Redis deletes when they expire.
   *
   * @param text The text.
   * @param options Its kind, and when it expires.
   * @throws {TdauthError} `cache_unreadable` when Redis is unavailable: new
   * tokens are then stored as soon as it is back, if this process still runs;
   * `busy` when another process has taken over the lock and stored newer ones, or
   * has taken it over and these are not new.
   */
  async write(text: string, options: WriteOptions): Promise<void> {
    const keys = this.#keys();
    const turn = this.#lock.turn;
    const isNew = options.kind !== "journal";
    const args = () => [
      text,
      String(this.#lifeOf(options)),
      KINDS[options.kind],
      String(turn?.fence ?? ""),
      turn?.owner ?? "",
      turn?.work ?? "",
      String(this.#redis.lease),
    ];
    try {
      if (await this.#redis.run(SAVE, keys, args()) !== 1) throw overtaken();
      this.#redis.dequeue(this.#key);
    } catch (error) {
      const lost = isNew && !(error instanceof TdauthError &&
        error.code === "busy");
      if (lost) this.#redis.enqueue(this.#key, "tokens", SAVE, keys, args);
      throw error;
    }
  }

  /**
   * Deletes both tokens; a late process does not restore them.
   *
   * @throws {TdauthError} `cache_unreadable` when Redis is unavailable: the
   * tokens are then deleted as soon as it is back, if this process still runs,
   * unless they are of a later login.
   */
  async clear(): Promise<void> {
    const [tokens] = this.#keys();
    const asked = performance.now();
    const fence = String(this.#lock.turn?.fence ?? "");
    const args = [fence, String(CLEARED_LIFE)];
    this.#redis.dequeue(this.#key);
    try {
      await this.#redis.run(CLEAR, [tokens], [...args, ""]);
    } catch (error) {
      this.#redis.enqueue(
        `${this.#key}:logout`,
        "logout",
        CLEAR,
        [tokens],
        () => [
          ...args,
          String(Math.max(1, Math.ceil(performance.now() - asked))),
        ],
      );
      throw error;
    }
  }

  /** The keys of the tokens and of this object's lock; in a cluster all of them are on one node. */
  #keys(): [tokens: string, lock: string] {
    const work = this.#lock.turn?.work ?? "refresh";
    return [`${this.#key}:tokens`, `${this.#key}:${work}`];
  }

  /** How long Redis keeps a text, in milliseconds. */
  #lifeOf({ expires }: WriteOptions): number {
    const life = expires === undefined
      ? this.#redis.unknownLifetime
      : expires * 1000 - this.#redis.now();
    return Math.ceil(Math.min(Math.max(LEAST_LIFE, life), LONGEST_LIFE));
  }

  /**
   * Runs `run` while no other process, on any machine, does the same kind of work
   * for this user.
   *
   * @throws {TdauthError} `cache_unreadable` when Redis is unavailable.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options: ExclusiveOptions = {},
  ): Promise<T> {
    return this.#lock.exclusive(work, run, options);
  }

  async #acquire({ work, owner }: LeaseRequest): Promise<Lease | undefined> {
    const keys = this.#lockKeys(work);
    const lease = String(this.#redis.lease);
    const args = [owner, lease, work, String(EMPTY_LIFE)];
    let sent = false;
    let got: unknown;
    try {
      got = await this.#redis.run(ACQUIRE, keys, args, () => {
        sent = true;
      });
    } catch (error) {
      // Redis may have granted the lock, and its reply was lost.
      if (sent) this.#releaseLater(keys, [owner, work]);
      throw error;
    }
    if (!Array.isArray(got)) return undefined;
    const fence = Number(got[0]);
    return got[1] !== 1 ? { fence } : {
      fence,
      settle: async (signal) => {
        await delay(GRACE, signal);
        // Not before: a process that gives up in between has not waited for the next one.
        const mine = [owner, lease, work, "1"];
        return await this.#redis.run(RENEW, keys, mine) === 1;
      },
    };
  }

  /** The keys of a lock and of the tokens. */
  #lockKeys(work: ExclusiveWork): [lock: string, tokens: string] {
    return [`${this.#key}:${work}`, `${this.#key}:tokens`];
  }

  /** Releases a lock; if Redis is away, as soon as it is back, so that no process waits for the lease to expire. */
  async #release({ work, owner }: LeaseRequest): Promise<void> {
    const keys = this.#lockKeys(work);
    const args = [owner, work];
    try {
      await this.#redis.attempt(RELEASE, keys, args);
    } catch {
      this.#releaseLater(keys, args);
    }
  }

  /** After the tokens, which wait before it. */
  #releaseLater(keys: string[], args: string[]): void {
    const name = `${this.#key}:${args.join()}`;
    this.#redis.enqueue(name, "lock", RELEASE, keys, () => args);
  }
}
