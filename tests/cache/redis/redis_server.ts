/** A real Redis on a free loopback port, for one test. */
import { createClient } from "@redis/client";
import { reservePort, temporaryDirectory } from "../../support.ts";

/** Debian's. */
const REDIS = "/usr/bin/redis-server";

/** A test that needs Redis, or says that it is not there. */
export function redisTest(name: string, fn: () => Promise<void>): void {
  const ignore = !hasRedis();
  Deno.test({
    name: ignore ? `${name} (ignored: there is no ${REDIS})` : name,
    ignore,
    fn,
  });
}

/** Whether there is a Redis to test with. */
export function hasRedis(): boolean {
  try {
    return Deno.statSync(REDIS).isFile;
  } catch {
    return false;
  }
}

/** A running Redis. */
export interface RedisServer extends AsyncDisposable {
  /** Where it is. */
  readonly url: string;
  /** Ends it at once, as a power cut does. */
  kill(): Promise<void>;
  /** Stops it without ending it, so that it is there and does not answer. */
  delay(): void;
  /** Lets it go on. */
  resume(): void;
  /** Starts it again with what it has on disk, and with more of its command line. */
  start(more?: readonly string[]): Promise<void>;
  /** Sends commands as an administrator would. */
  command(...args: string[]): Promise<unknown>;
}

/**
 * Starts Redis.
 *
 * @param durable Whether every write is on disk before it is answered.
 * @param more More of its command line.
 */
export async function startRedis(
  durable = false,
  more: readonly string[] = [],
): Promise<RedisServer> {
  const directory = temporaryDirectory();
  const reserved = reservePort();
  const { port } = reserved;
  const url = `redis://127.0.0.1:${port}`;
  let child: Deno.ChildProcess | undefined;
  const start = async (again: readonly string[] = []) => {
    const started = new Deno.Command(REDIS, {
      args: [
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        directory.path,
        "--save",
        "",
        "--appendonly",
        durable ? "yes" : "no",
        "--appendfsync",
        "always",
        ...more,
        ...again,
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child = started;
    let ended = false;
    started.status.then(() => ended = true);
    while (!await answers(url)) {
      if (ended) throw new Error("redis-server has ended");
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const kill = async () => {
    child?.kill("SIGKILL");
    await child?.status;
    child = undefined;
  };
  await start();
  return {
    url,
    start,
    kill,
    delay: () => child?.kill("SIGSTOP"),
    resume: () => child?.kill("SIGCONT"),
    async command(...args) {
      const client = createClient({ url });
      client.on("error", () => {});
      await client.connect();
      try {
        return await client.sendCommand(args);
      } finally {
        client.destroy();
      }
    },
    async [Symbol.asyncDispose]() {
      await kill();
      reserved[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = createClient({
    url,
    socket: { reconnectStrategy: false, connectTimeout: 500 },
  });
  client.on("error", () => {});
  try {
    await client.connect();
    return await client.ping() === "PONG";
  } catch (error) {
    return /^(NOAUTH|WRONGPASS)/.test(String((error as Error).message));
  } finally {
    client.destroy();
  }
}
