import { TdauthError } from "../errors.ts";
import { RedisCache } from "./redis_cache.ts";

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
  /** How long, in seconds, a command waits for Redis to come back. @default {5} */
  readonly patience?: number;
  /** The clock of the tokens, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /** Hears when Redis goes away and comes back. @default {nobody} */
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

/** The commands that the caches use. */
export interface RedisConnection {
  /** Runs a script, again and again while Redis is away, for as long as the patience lasts. */
  run(script: string, keys: string[], args: string[]): Promise<unknown>;
  /** Runs a script once, whose failure does not matter. */
  attempt(script: string, keys: string[], args: string[]): Promise<void>;
  /** Reads a field of a hash. */
  read(key: string, field: string): Promise<string | null>;
  /** Deletes a key. */
  forget(key: string): Promise<void>;
  /** Tries something again when Redis is back, until it succeeds. One attempt a name; a later one takes its place. */
  whenBack(name: string, attempt: () => Promise<void>): void;
  /** Takes back what {@linkcode RedisConnection.whenBack} was told. */
  notWhenBack(name: string): void;
  /** The clock of the tokens. */
  readonly now: () => number;
  /** What every key begins with. */
  readonly prefix: string;
  /** The lease, in milliseconds. */
  readonly lease: number;
  /** Names the connection in this process's queues. */
  readonly id: number;
}

let connections = 0;
/** How long, in milliseconds, one command may take before it counts as lost. */
const COMMAND_TIMEOUT = 2_000;

/**
 * Connects to Redis, which then keeps the tokens of all users of a web
 * application, for any number of processes and machines. It must keep its data on
 * disk (`appendonly yes`): what it loses, users must log in again for.
 *
 * @param options Where it is.
 * @returns The store.
 * @throws {TdauthError} `cache_unreadable` when it cannot be reached; `invalid_options` when the URL is not one.
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
  const { url, patience = 5, log = () => {} } = options;
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new TdauthError(
      "invalid_options",
      "Cannot connect to Redis: its URL is not one",
      { hint: "write it like redis://127.0.0.1:6379" },
    );
  }
  const { createClient } = await import("@redis/client");
  const client = createClient({
    url,
    // A command that waits in a queue is sent who knows when: we try again ourselves.
    disableOfflineQueue: true,
    socket: {
      connectTimeout: COMMAND_TIMEOUT,
      reconnectStrategy: (tries) => Math.min(20 * 2 ** tries, 500),
    },
  });
  const waiting = new Map<string, () => Promise<void>>();
  let away = false;
  let closed = false;
  client.on("error", () => {
    if (!away) log("Redis does not answer: waiting for it to come back");
    away = true;
  });
  client.on("ready", () => {
    if (away) log("Redis is back");
    away = false;
    void flush();
  });

  async function flush(): Promise<void> {
    for (const [name, attempt] of waiting) {
      try {
        await attempt();
        if (waiting.get(name) === attempt) waiting.delete(name);
      } catch {
        return; // away again: the next "ready" tries the rest
      }
    }
  }

  /** Tries a command until it gets an answer from Redis, an error included. */
  async function persist<T>(command: () => Promise<T>): Promise<T> {
    const deadline = performance.now() + patience * 1000;
    for (let pause = 10;; pause = Math.min(pause * 2, 200)) {
      try {
        return await limited(command());
      } catch (cause) {
        const last = closed || performance.now() + pause > deadline;
        if (!isAway(cause)) throw refused(cause);
        if (last) throw unreachable();
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  const connection: RedisConnection = {
    id: connections++,
    now: options.now ?? Date.now,
    prefix: options.prefix ?? "tdauth:",
    lease: (options.lease ?? 30) * 1000,
    run: (script, keys, args) =>
      persist(() => client.eval(script, { keys, arguments: args })),
    attempt: (script, keys, args) =>
      limited(client.eval(script, { keys, arguments: args }))
        .then(() => {}, () => {}),
    read: (key, field) => persist(() => client.hGet(key, field)),
    forget: async (key) => void await persist(() => client.del(key)),
    whenBack: (name, attempt) => void waiting.set(name, attempt),
    notWhenBack: (name) => void waiting.delete(name),
  };
  try {
    await withLimit(client.connect(), patience * 1000);
  } catch {
    closed = true;
    client.destroy();
    throw unreachable();
  }
  const close = async () => {
    if (closed) return;
    if (waiting.size > 0 && client.isReady) await flush();
    closed = true;
    if (client.isReady) await client.close();
    else client.destroy();
  };
  return {
    cacheFor: (user) => new RedisCache(connection, user),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function limited<T>(command: Promise<T>): Promise<T> {
  return withLimit(command, COMMAND_TIMEOUT);
}

async function withLimit<T>(work: Promise<T>, limit: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut()), limit);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

class TimedOut extends Error {}

/** Whether Redis gave no answer: its own errors have an upper-case code in front. */
function isAway(error: unknown): boolean {
  if (error instanceof TimedOut) return true;
  const message = error instanceof Error ? error.message : String(error);
  return !/^[A-Z]+ /.test(message) ||
    /^(LOADING|MASTERDOWN|READONLY|CLUSTERDOWN|TRYAGAIN) /.test(message);
}

function unreachable(): TdauthError {
  return new TdauthError(
    "cache_unreadable",
    "Cannot reach the stored tokens: Redis does not answer",
    { hint: "start Redis again; nothing is lost meanwhile" },
  );
}

function refused(cause: unknown): TdauthError {
  const code = /^[A-Z]+/.exec(cause instanceof Error ? cause.message : "")?.[0];
  return new TdauthError(
    "cache_unreadable",
    `Cannot use the stored tokens: Redis answers ${code ?? "an error"}`,
    { hint: "see what Redis' own log says", cause },
  );
}
