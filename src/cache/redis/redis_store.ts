import {
  failure,
  isReply,
  isTransient,
  NotSent,
  withLimit,
} from "./redis_error.ts";
import { RetryQueue } from "./retry_queue.ts";
import { CircuitBreaker } from "../../base/circuit_breaker.ts";
import { RedisCache } from "./redis_cache.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { checkRedisUrl } from "./redis_url.ts";
import { TdauthError } from "../../base/errors.ts";
import { invalidNumber } from "../../base/invalid_number.ts";
import { Silence } from "./silence.ts";
import { auditConfig } from "./audit_config.ts";

/** Options of {@linkcode connectRedis}. */
export interface RedisOptions {
  /** Where Redis is: `redis://user:password@host:6379/0`, `rediss://` for TLS. It is never shown. */
  readonly url: string;
  /** What every key begins with. @default {"tdauth:"} */
  readonly prefix?: string;
  /**
   * How long, in seconds, a lock outlives a process that has died. A live one
   * renews it all the time.
   * @default {30}
   */
  readonly lease?: number;
  /**
   * How long, in seconds, commands wait for Redis to come back, counted from when it
   * went away. Afterwards they fail at once until it is back.
   * @default {5}
   */
  readonly retryTimeout?: number;
  /**
   * How long, in seconds, Redis keeps tokens after they were last written, where the
   * broker does not say how long a refresh token lives. Ninety days, like a session of
   * {@linkcode createWebHandler}; without an end the tokens of all who never come
   * back would stay for ever.
   * @default {7_776_000}
   */
  readonly unknownLifetime?: number;
  /** The clock of the tokens, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /** Hears when Redis goes away and comes back, and what of its settings may lose tokens. @default {nobody} */
  readonly log?: (message: string) => void;
}

/** A connection to Redis, and the caches of all users in it. */
export interface RedisStore extends AsyncDisposable {
  /**
   * Gives the cache of one user's tokens: the `cacheFor` of {@linkcode createWebHandler}.
   *
   * @param user The user's or the session's name.
   * @returns The cache; making it costs nothing.
   */
  readonly cacheFor: (user: string) => RedisCache;
  /**
   * Ends the connection, after a last try to store what could not be stored.
   *
   * @returns When it has ended.
   */
  close(): Promise<void>;
}

let connections = 0;
/** How long, in milliseconds, Redis may be silent while commands wait before they count as lost. */
const COMMAND_TIMEOUT = 2_000;
/** How long, in milliseconds, a connection may be silent before it counts as lost. */
const SILENCE = 15_000;
/** How long, in seconds, tokens are kept whose life nobody knows. */
const UNKNOWN_LIFE = 90 * 86_400;
/** How long, in milliseconds, to wait before knocking again at a Redis that does not let us in. */
const REFUSED_PAUSE = 5_000;

/**
 * Connects to Redis, which then keeps the tokens of all users of a web
 * application, for any number of processes and machines. It must keep its data on
 * disk (`appendonly yes`): what it loses, users must log in again for.
 *
 * @param options Where it is.
 * @returns The store.
 * @throws {TdauthError} `cache_unreadable` when it cannot be reached or does not let us in; `invalid_options` when the URL is not one of a Redis, or a number is wrong.
 *
 * @example
 * ```ts ignore
 * import { createWebHandler } from "@tdauth/tdauth";
 * import { connectRedis } from "@tdauth/tdauth/redis";
 *
 * await using redis = await connectRedis({ url: "redis://127.0.0.1:6379" });
 * const web = await createWebHandler({
 *   cookieKeys: [Deno.env.get("COOKIE_KEY") ?? ""],
 *   cacheFor: redis.cacheFor,
 * });
 * ```
 */
export async function connectRedis(options: RedisOptions): Promise<RedisStore> {
  const { url, log = () => {} } = options;
  checkRedisUrl(url);
  const { lease, retryTimeout: seconds, unknownLifetime } = options;
  const wrong = invalidNumber({
    lease,
    retryTimeout: seconds,
    unknownLifetime,
  });
  if (wrong !== undefined) {
    throw new TdauthError(
      "invalid_options",
      `Cannot connect to Redis: ${wrong.name} is ${wrong.is}`,
      { hint: "give it in seconds, or leave it out for the default" },
    );
  }
  const retryTimeout = (options.retryTimeout ?? 5) * 1000;
  const breaker = new CircuitBreaker(retryTimeout, isTransient);
  const { createClient } = await import("@redis/client");
  const silence = new Silence(COMMAND_TIMEOUT);
  const late = new RetryQueue();
  /** Why Redis does not let us in, while it does not. */
  let refusal: unknown;
  let cause: unknown;
  let away = false;
  let connected = false;
  let closed = false;
  const client = createClient({
    url,
    // A command that waits in a queue is sent who knows when: we try again ourselves.
    disableOfflineQueue: true,
    // A machine that is gone without a word is noticed by its silence.
    pingInterval: SILENCE / 3,
    socket: {
      connectTimeout: COMMAND_TIMEOUT,
      socketTimeout: SILENCE,
      reconnectStrategy: (tries, error) => {
        cause = error;
        refusal = isTransient(error) ? undefined : error;
        if (refusal === undefined) return Math.min(20 * 2 ** tries, 500);
        // A wrong password does not get better; in a running application somebody may mend it.
        return connected ? REFUSED_PAUSE : error;
      },
    },
  });
  client.on("error", () => {
    if (!away) log("Redis does not answer: waiting for it to come back");
    away = true;
  });
  client.on("ready", () => {
    if (away) log("Redis is back");
    away = false;
    connected = true;
    refusal = undefined;
    breaker.back();
    void late.flush();
  });

  /** Sends a command once. */
  function send<T>(command: () => Promise<T>, sent = () => {}): Promise<T> {
    if (!client.isReady) return breaker.observe(Promise.reject(new NotSent()));
    sent();
    const answer = command();
    // However late: it is there.
    answer.then(() => breaker.back(), () => {});
    return breaker.observe(silence.limit(answer));
  }

  /** Tries a command until it gets an answer from Redis, an error included. */
  async function persist<T>(
    command: () => Promise<T>,
    sent?: () => void,
  ): Promise<T> {
    let deadline: number | undefined;
    for (let delay = 10;; delay = Math.min(delay * 2, 200)) {
      if (refusal !== undefined) throw failure(refusal);
      if (breaker.over) throw failure(cause);
      try {
        return await send(command, sent);
      } catch (error) {
        // From the first failure: Redis may have been slow before, which is not away.
        deadline ??= breaker.deadline();
        const last = closed || performance.now() + delay > deadline;
        if (last || !isTransient(error)) {
          throw failure(isReply(error) ? error : refusal ?? cause);
        }
        await new Promise((resolve) => setTimeout(resolve, delay));
      }
    }
  }
  const run = (script: string, keys: string[], args: string[]) => () =>
    client.eval(script, { keys, arguments: args });

  const connection: RedisConnection = {
    id: connections++,
    now: options.now ?? Date.now,
    prefix: options.prefix ?? "tdauth:",
    lease: (options.lease ?? 30) * 1000,
    unknownLifetime: (options.unknownLifetime ?? UNKNOWN_LIFE) * 1000,
    run: (script, keys, args, sent) => persist(run(script, keys, args), sent),
    attempt: (script, keys, args) =>
      breaker.over
        ? Promise.reject(new NotSent())
        : send(run(script, keys, args)),
    read: (key, field) => persist(() => client.hGet(key, field)),
    enqueue: (name, kind, script, keys, args) => {
      if (closed) return;
      late.set(name, kind, () => send(run(script, keys, args())));
    },
    dequeue: (name) => late.delete(name),
  };
  try {
    // A greeting takes longer than a command, and gets no second try from us.
    await withLimit(
      client.connect(),
      Math.max(retryTimeout, COMMAND_TIMEOUT),
    );
  } catch {
    closed = true;
    client.destroy();
    throw failure(refusal ?? cause);
  }
  const [info, save] = await Promise.all([
    client.info().catch(() => ""), // who may not ask is not told
    client.configGet("save").then(({ save }) => save, () => undefined),
  ]);
  for (const found of auditConfig({ info, save })) log(found);
  const close = async () => {
    if (closed) return;
    if (late.size > 0 && client.isReady) await late.flush();
    closed = true;
    const lost = late.end();
    if (lost("tokens") > 0) {
      log(
        `Redis was away to the end: new tokens are lost (${
          lost("tokens")
        } users)`,
      );
    }
    if (lost("logout") > 0) {
      log(
        `Redis was away to the end: tokens are still in it of users who logged out (${
          lost("logout")
        })`,
      );
    }
    try {
      // It waits for answers, which a Redis that is stopped does not give.
      if (client.isReady) await withLimit(client.close(), COMMAND_TIMEOUT);
    } catch {
      // It is ended all the same.
    }
    if (client.isOpen) client.destroy();
  };
  return {
    cacheFor: (user) => new RedisCache(connection, user),
    close,
    [Symbol.asyncDispose]: close,
  };
}
