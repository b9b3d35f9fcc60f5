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
import type { TokenCache } from "../token_cache.ts";
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
  /** The prefix of every key. @default {"tdauth:"} */
  readonly prefix?: string;
  /**
   * How long, in seconds, a lock outlives a dead process. A live one keeps renewing it.
   * @default {30}
   */
  readonly lease?: number;
  /**
   * How long, in seconds, commands wait for Redis to come back, counted from when
   * it went away. After that they fail immediately until it is back.
   * @default {5}
   */
  readonly retryTimeout?: number;
  /**
   * How long, in seconds, Redis keeps tokens after they were last written, where
   * the broker does not state a refresh token's lifetime. Ninety days, like a
   * session of {@linkcode createWebHandler}; without a limit the tokens of users
   * who never return would stay forever.
   * @default {7_776_000}
   */
  readonly unknownLifetime?: number;
  /** The clock of the tokens, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /** Logs when Redis goes away and comes back, and settings of it that put tokens at risk. @default {none} */
  readonly log?: (message: string) => void;
}

/** A connection to Redis, and the caches of all users in it. */
export interface RedisStore extends AsyncDisposable {
  /**
   * Returns the cache of one user's tokens: the `cacheFor` of {@linkcode createWebHandler}.
   *
   * @param user The user's or the session's name.
   * @returns The cache; creating it costs nothing.
   */
  readonly cacheFor: (user: string) => TokenCache;
  /**
   * Closes the connection, after a last try to store queued writes.
   *
   * @returns A promise that resolves when it is closed.
   */
  close(): Promise<void>;
}

let connections = 0;
/** How long, in milliseconds, Redis may be silent while commands wait before they count as lost. */
const COMMAND_TIMEOUT = 2_000;
/** How long, in milliseconds, a connection may be silent before it counts as lost. */
const SILENCE = 15_000;
/** The longest lease, in seconds: for that long a user whose process died could not be refreshed. */
const LONGEST_LEASE = 86_400;
/** How long, in seconds, tokens of unknown lifetime are kept. */
const UNKNOWN_LIFE = 90 * 86_400;
/** How long, in milliseconds, to wait before reconnecting to a Redis that rejected the credentials. */
const REFUSED_PAUSE = 5_000;

/**
 * Connects to Redis to store the tokens of all users of a web application, for
 * any number of processes and machines. It must persist its data (`appendonly
 * yes`): users whose tokens it loses must log in again.
 *
 * @param options The URL and timeouts.
 * @returns The store.
 * @throws {TdauthError} `cache_unreadable` when it is unreachable or rejects the
 * credentials; `invalid_options` when the URL is not a Redis URL, or a number is
 * invalid.
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
  }) ?? (lease !== undefined && lease > LONGEST_LEASE
    ? { name: "lease", is: `${lease}, which is more than a day` }
    : undefined);
  if (wrong !== undefined) {
    throw new TdauthError(
      "invalid_options",
      `Cannot connect to Redis: ${wrong.name} is ${wrong.is}`,
      { hint: "set it in seconds, or omit it for the default" },
    );
  }
  const retryTimeout = (options.retryTimeout ?? 5) * 1000;
  const breaker = new CircuitBreaker(retryTimeout, isTransient);
  const { createClient } = await import("@redis/client");
  const silence = new Silence(COMMAND_TIMEOUT);
  const late = new RetryQueue();
  /** Why Redis rejects the connection, while it does. */
  let refusal: unknown;
  let cause: unknown;
  let away = false;
  let connected = false;
  let closed = false;
  const client = createClient({
    url,
    // A command in the client's queue is sent at an unknown time: tdauth retries itself.
    disableOfflineQueue: true,
    // A machine that vanished is noticed by its silence.
    pingInterval: SILENCE / 3,
    socket: {
      connectTimeout: COMMAND_TIMEOUT,
      socketTimeout: SILENCE,
      reconnectStrategy: (tries, error) => {
        cause = error;
        refusal = isTransient(error) ? undefined : error;
        if (refusal === undefined) return Math.min(20 * 2 ** tries, 500);
        // A wrong password stays wrong; in a running application an operator may fix it.
        return connected ? REFUSED_PAUSE : error;
      },
    },
  });
  client.on("error", () => {
    if (!away) log("Redis is unavailable; waiting for it to come back");
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
    // Even a late reply counts.
    answer.then(() => breaker.back(), () => {});
    return breaker.observe(silence.limit(answer));
  }

  /** Retries a command until Redis replies, with an error or not. */
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
    lease: Math.max(1, Math.round((options.lease ?? 30) * 1000)),
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
    // A handshake takes longer than a command, and is not retried.
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
    client.info().catch(() => ""), // without the permission there is no reply
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
      // It waits for replies, which a stopped Redis does not send.
      if (client.isReady) await withLimit(client.close(), COMMAND_TIMEOUT);
    } catch {
      // It is closed anyway.
    }
    if (client.isOpen) client.destroy();
  };
  return {
    cacheFor: (user) => new RedisCache(connection, user),
    close,
    [Symbol.asyncDispose]: close,
  };
}
