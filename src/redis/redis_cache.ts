import { pause } from "../cache/pause.ts";
import { inTurn } from "../cache/queue.ts";
import type {
  ExclusiveOptions,
  ExclusiveWork,
  TokenCache,
} from "../cache/token_cache.ts";
import { formatTokens, parseTokens } from "../cache/token_json.ts";
import { TdauthError } from "../errors.ts";
import type { Tokens } from "../token.ts";
import type { RedisConnection } from "./redis_store.ts";
import { ACQUIRE, CLEAR, RELEASE, RENEW, SAVE } from "./scripts.ts";

/** How long, in milliseconds, a cache without tokens is kept: a login that is under way, or one that failed. */
const EMPTY_LIFE = 600_000;
/** The least life of tokens that have expired, in milliseconds, so that it can still be said that they have. */
const LEAST_LIFE = 60_000;
/** How long, in milliseconds, it is remembered that tokens were forgotten: whoever is later than this was stopped for a day. */
const CLEARED_LIFE = 86_400_000;
/**
 * How long, in milliseconds, a new holder waits when the one before never gave
 * its lock back: it may be alive and cut off, with new tokens in its hands, and
 * try to store them as soon as it can.
 */
const GRACE = 2_000;

/**
 * Keeps one user's tokens in Redis. {@linkcode connectRedis} makes it.
 *
 * Only one process on any machine refreshes at a time. Its lock is a lease, which
 * it renews while it works, and its writes carry a fencing token, so that one
 * which was stopped and comes back late does not write over the tokens of the
 * next. When Redis goes away before a refresh is sent nothing is sent; when it
 * goes away afterwards, the new tokens are stored as soon as it is back.
 */
export class RedisCache implements TokenCache {
  readonly #redis: RedisConnection;
  readonly #key: string;
  /** The fences of the locks that are held through this object. */
  readonly #fences = new Map<ExclusiveWork, string>();

  /**
   * Puts a cache together; {@linkcode RedisStore.cacheFor} does it for you.
   *
   * @param redis The connection.
   * @param user The user's or the session's name.
   */
  constructor(redis: RedisConnection, user: string) {
    this.#redis = redis;
    // In braces, so that a cluster keeps all keys of a user together.
    this.#key = `${redis.prefix}{${encodeURIComponent(user)}}`;
  }

  /**
   * Reads the tokens.
   *
   * @returns The tokens; absent ones when there are none.
   * @throws {TdauthError} `cache_unreadable` when Redis does not answer.
   */
  async load(): Promise<Tokens> {
    const text = await this.#redis.read(`${this.#key}:tokens`, "tokens");
    return parseTokens(text ?? "", this.#redis.now);
  }

  /**
   * Writes the tokens, which Redis forgets when the refresh token expires.
   *
   * @throws {TdauthError} `cache_unreadable` when Redis does not answer: the
   * tokens are then stored as soon as it does, if this process is still there;
   * `busy` when someone else has taken over the lock and stored newer ones.
   */
  async save(tokens: Tokens): Promise<void> {
    const key = `${this.#key}:tokens`;
    const fence = this.#fence() ?? "";
    const isNew = tokens.refreshPending === undefined;
    const text = formatTokens(tokens);
    const args = () => {
      const life = lifeOf(tokens, this.#redis.now());
      return [
        text,
        fence,
        isNew ? "1" : "0",
        life === undefined ? "" : String(life),
      ];
    };
    try {
      if (await this.#redis.run(SAVE, [key], args()) !== 1) throw overtaken();
      this.#redis.notWhenBack(key);
    } catch (error) {
      const lost = isNew && !(error instanceof TdauthError &&
        error.code === "busy");
      if (lost) this.#redis.whenBack(key, SAVE, [key], args);
      throw error;
    }
  }

  /** Forgets both tokens; nobody who is late brings them back. */
  async clear(): Promise<void> {
    const key = `${this.#key}:tokens`;
    this.#redis.notWhenBack(key);
    await this.#redis.run(CLEAR, [key], [
      this.#fence() ?? "",
      String(CLEARED_LIFE),
    ]);
  }

  #fence(): string | undefined {
    return this.#fences.get("refresh") ?? this.#fences.get("login");
  }

  /**
   * Runs `run` while nobody else, on any machine, does the same kind of work for
   * this user.
   *
   * @throws {TdauthError} `cache_unreadable` when Redis does not answer.
   */
  exclusive<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    options: ExclusiveOptions = {},
  ): Promise<T> {
    // Of all who wait in this process one alone asks Redis.
    const queue = `redis:${this.#redis.id}:${this.#key}:${work}`;
    return inTurn(queue, () => this.#withLock(work, run, options), options);
  }

  async #withLock<T>(
    work: ExclusiveWork,
    run: () => Promise<T>,
    { signal }: ExclusiveOptions,
  ): Promise<T> {
    const lock = `${this.#key}:${work}`;
    const owner = crypto.randomUUID();
    const { lease } = this.#redis;
    const tokens = `${this.#key}:tokens`;
    const noted = work === "refresh" ? "1" : "0";
    let renewal: ReturnType<typeof setInterval> | undefined;
    try {
      for (let wait = 5;; wait = Math.min(wait * 1.5, 100)) {
        const got = await this.#redis.run(ACQUIRE, [lock, tokens], [
          owner,
          String(lease),
          noted,
        ]);
        if (Array.isArray(got)) {
          renewal = setInterval(() => {
            // Lost or not: the fence decides whether what we do still counts.
            this.#redis.attempt(RENEW, [lock], [owner, String(lease)])
              .catch(() => {});
          }, lease / 3);
          this.#fences.set(work, String(got[0]));
          if (got[1] === 1) await pause(GRACE, signal);
          break;
        }
        await pause(wait * (0.5 + Math.random()), signal);
      }
      return await run();
    } finally {
      clearInterval(renewal);
      this.#fences.delete(work);
      await this.#release([lock, tokens], owner);
    }
  }

  /** Gives a lock back; when Redis is away then as soon as it is back, so that nobody waits for the lease to end. */
  async #release(keys: string[], owner: string): Promise<void> {
    try {
      await this.#redis.attempt(RELEASE, keys, [owner]);
    } catch {
      // After the tokens, which were given to wait before.
      this.#redis.whenBack(owner, RELEASE, keys, () => [owner]);
    }
  }
}

/** How long Redis keeps tokens, in milliseconds; `undefined`: nobody knows when they expire. */
function lifeOf(tokens: Tokens, now: number): number | undefined {
  const ends = [tokens.refreshToken, tokens.accessToken].map(({ expiry }) =>
    expiry
  );
  const end = Math.max(...ends);
  if (end === 0) return EMPTY_LIFE;
  if (!Number.isFinite(end)) return undefined;
  return Math.max(LEAST_LIFE, Math.ceil(end * 1000 - now));
}

function overtaken(): TdauthError {
  return new TdauthError(
    "busy",
    "Cannot store the tokens: this process was stopped for so long that another one has taken over",
    { hint: "try again: the other one's tokens are there" },
  );
}
