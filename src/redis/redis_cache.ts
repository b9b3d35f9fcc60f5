import { pause } from "../cache/pause.ts";
import { inTurn } from "../base/queue.ts";
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

/** A turn of work that this process has. */
interface Turn {
  readonly work: ExclusiveWork;
  /** Names the turn in Redis. */
  readonly owner: string;
  readonly fence: string;
}

/**
 * Keeps one user's tokens in Redis. {@linkcode connectRedis} makes it.
 *
 * Only one process on any machine refreshes at a time. Its lock is a lease, which
 * it renews while it works, and its writes carry a fencing token, so that one
 * which was stopped and comes back late neither writes over the tokens of the
 * next nor marks, and so sends, a refresh of its own. When Redis goes away before
 * a refresh is sent nothing is sent; when it goes away afterwards, the new tokens
 * are stored as soon as it is back. So is a logout.
 */
export class RedisCache implements TokenCache {
  readonly #redis: RedisConnection;
  readonly #key: string;
  /** The turns that are had through this object. */
  readonly #turns = new Map<ExclusiveWork, Turn>();

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
   * @throws {TdauthError} `cache_unreadable` when Redis does not answer: new
   * tokens are then stored as soon as it does, if this process is still there;
   * `busy` when someone else has taken over the lock and stored newer ones, or
   * has taken it over and these are not new.
   */
  async save(tokens: Tokens): Promise<void> {
    const keys = this.#keys();
    const turn = this.#turn();
    const isNew = tokens.journalOnly !== true &&
      tokens.refreshPending === undefined;
    const kind = !isNew ? "old" : this.#turns.has("login") ? "login" : "new";
    const text = formatTokens(tokens);
    const args = () => [
      text,
      String(this.#lifeOf(tokens)),
      kind,
      turn?.fence ?? "",
      turn?.owner ?? "",
      turn?.work ?? "",
      String(this.#redis.lease),
    ];
    try {
      if (await this.#redis.run(SAVE, keys, args()) !== 1) throw overtaken();
      this.#redis.notWhenBack(this.#key);
    } catch (error) {
      const lost = isNew && !(error instanceof TdauthError &&
        error.code === "busy");
      if (lost) this.#redis.whenBack(this.#key, "tokens", SAVE, keys, args);
      throw error;
    }
  }

  /**
   * Forgets both tokens; nobody who is late brings them back.
   *
   * @throws {TdauthError} `cache_unreadable` when Redis does not answer: the tokens
   * are then forgotten as soon as it does, if this process is still there, unless
   * they are of a login that came later.
   */
  async clear(): Promise<void> {
    const [tokens] = this.#keys();
    const asked = performance.now();
    const args = [this.#turn()?.fence ?? "", String(CLEARED_LIFE)];
    this.#redis.notWhenBack(this.#key);
    try {
      await this.#redis.run(CLEAR, [tokens], [...args, ""]);
    } catch (error) {
      this.#redis.whenBack(
        `${this.#key}:logout`,
        "logout",
        CLEAR,
        [tokens],
        () => [...args, String(Math.ceil(performance.now() - asked))],
      );
      throw error;
    }
  }

  #turn(): Turn | undefined {
    return this.#turns.get("refresh") ?? this.#turns.get("login");
  }

  /** The keys of the tokens and of the lock of the turn that this object has; in a cluster all of them are in one place. */
  #keys(): [tokens: string, lock: string] {
    const work = this.#turn()?.work ?? "refresh";
    return [`${this.#key}:tokens`, `${this.#key}:${work}`];
  }

  /** How long Redis keeps tokens, in milliseconds. */
  #lifeOf({ accessToken, refreshToken }: Tokens): number {
    const end = Math.max(refreshToken.expiry, accessToken.expiry);
    if (end === 0) return EMPTY_LIFE;
    const life = Number.isFinite(end)
      ? end * 1000 - this.#redis.now()
      : this.#redis.unknownLife;
    return Math.max(LEAST_LIFE, Math.ceil(life));
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
    const keys = [`${this.#key}:${work}`, `${this.#key}:tokens`];
    const owner = crypto.randomUUID();
    const lease = String(this.#redis.lease);
    const acquire = [owner, lease, work, String(EMPTY_LIFE)];
    /** Whether Redis may have given us the lock, and did not say so. */
    let unsure = false;
    let renewal: ReturnType<typeof setInterval> | undefined;
    try {
      for (let wait = 5;; wait = Math.min(wait * 1.5, 100)) {
        const got = await this.#redis.run(ACQUIRE, keys, acquire, () => {
          unsure = true;
        });
        unsure = false;
        if (Array.isArray(got)) {
          this.#turns.set(work, { work, owner, fence: String(got[0]) });
          renewal ??= setInterval(() => {
            // Lost or not: the fence decides whether what we do still counts.
            this.#redis.attempt(RENEW, keys, [owner, lease, work, "0"])
              .catch(() => {});
          }, this.#redis.lease / 3);
          if (got[1] !== 1) break;
          await pause(GRACE, signal);
          // Not before: whoever gives up meanwhile has not waited for the next one.
          const mine = await this.#redis.run(RENEW, keys, [
            owner,
            lease,
            work,
            "1",
          ]);
          if (mine === 1) break;
        }
        await pause(wait * (0.5 + Math.random()), signal);
      }
      return await run();
    } finally {
      clearInterval(renewal);
      const had = this.#turns.delete(work);
      if (had) await this.#release(keys, [owner, work]);
      else if (unsure) this.#releaseLater(keys, [owner, work]);
    }
  }

  /** Gives a lock back; when Redis is away then as soon as it is back, so that nobody waits for the lease to end. */
  async #release(keys: string[], args: string[]): Promise<void> {
    try {
      await this.#redis.attempt(RELEASE, keys, args);
    } catch {
      this.#releaseLater(keys, args);
    }
  }

  /** After the tokens, which were given to wait before. */
  #releaseLater(keys: string[], args: string[]): void {
    const name = `${this.#key}:${args.join()}`;
    this.#redis.whenBack(name, "lock", RELEASE, keys, () => args);
  }
}

function overtaken(): TdauthError {
  return new TdauthError(
    "busy",
    "Cannot store the tokens: this process was stopped for so long that another one has taken over",
    { hint: "try again: the other one's tokens are there" },
  );
}
