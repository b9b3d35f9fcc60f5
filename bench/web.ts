/**
 * Measures the cost of users' authorizations in a web application: requests per
 * second with a valid session against a route that responds immediately,
 * refreshes per second against the practice broker's own rate, and how both, and
 * memory, grow from 100 to 10,000 users. All of it on loopback, the requests from
 * a separate process. The broker rotates the refresh token on every refresh, and
 * ends the login on reuse: the bench asserts that.
 *
 * `deno task bench web [ROUNDS] [--quick] [--json]`; 15 rounds of a second by
 * default.
 */
import {
  hasRedis,
  type RedisServer,
  startRedis,
} from "../tests/cache/redis/redis_server.ts";
import { median, ratioOf } from "./interleaved.ts";
import { benchArguments, formatRatio, print } from "./report.ts";
import { startBroker } from "./web_broker.ts";
import type { WebQuestion } from "./web_child.ts";
import type { Load, Loaded } from "./web_load.ts";
import { WebUsers } from "./web_users.ts";
import { startWorker, type Worker } from "./worker.ts";

const { rounds } = benchArguments(15, 3);
const quick = Deno.args.includes("--quick");
const SIZES = quick ? [100, 1000] : [100, 1000, 10_000];
const CONNECTIONS = 16;
/** For refreshes, which mostly wait. */
const MANY = 64;

await using stack = new AsyncDisposableStack();
const broker = stack.use(await startBroker());
// One for each kind of load: a runtime that has seen both is slower at the first.
const load = stack.use(startWorker("web_load.ts"));
const stormLoad = stack.use(startWorker("web_load.ts"));
const redis = hasRedis()
  ? stack.use(
    await startRedis(false, [
      "--appendonly",
      "yes",
      "--appendfsync",
      "everysec",
    ]),
  )
  : undefined;
const stores = redis ? ["memory", "redis"] as const : ["memory"] as const;
type Store = "memory" | "redis";
const { provider } = broker;
const most = Math.max(...SIZES);
const people = new WebUsers(broker, await broker.logIn(most));

interface Process {
  readonly worker: Worker;
  readonly port: number;
}

async function startProcess(): Promise<Process> {
  const worker = startWorker("web_child.ts");
  const { port } = await worker.ask<{ port: number }>(
    {
      do: "start",
      provider,
      consumerKey: broker.consumerKey,
      ...(redis && { redis: redis.url }),
    } satisfies WebQuestion,
  );
  return { worker, port };
}

/** Creates sessions with their tokens; returns their requests. */
async function fill(
  { worker }: Process,
  where: Store,
  users: number,
  expired = false,
): Promise<string[]> {
  const cookies = await worker.ask<string[]>(
    {
      do: "fill",
      where,
      refreshTokens: people.tokens(users),
      expired,
    } satisfies WebQuestion,
  );
  return cookies.map((cookie) => get(`/${where}`, cookie));
}

function get(path: string, cookie: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: localhost:8000\r\ncookie: ${cookie}\r\n\r\n`;
}

const growth: string[][] = [];
const routes: string[][] = [];
const storms: string[][] = [];
for (const users of SIZES) {
  await using used = new AsyncDisposableStack();
  const process = await startProcess();
  used.use(process.worker);
  const memory = async () =>
    await process.worker.ask<{ rss: number; heapUsed: number }>(
      {
        do: "memory",
      } satisfies WebQuestion,
    );
  await fill(process, "memory", 10); // so that what is made once is there
  const before = await memory();
  const inMemory = await fill(process, "memory", users);
  const after = await memory();
  const inRedis = redis ? await redisBytes(redis, process, users) : undefined;
  growth.push([
    users.toLocaleString("en"),
    perUser(after.heapUsed - before.heapUsed, users),
    `${Math.round(after.rss / 1e6)}`,
    ...(inRedis
      ? [perUser(inRedis.used, users), perUser(inRedis.key, 1)]
      : ["", ""]),
  ]);
  const requests: Readonly<Record<string, readonly string[]>> = {
    "answers at once": [get("/bare", cookieOf(inMemory[0] ?? ""))],
    "with tokens in memory": inMemory,
    ...(inRedis && { "with tokens in Redis": inRedis.requests }),
  };
  const measured = new Map<string, Loaded[]>();
  const turns = users === 1000 ? rounds : Math.ceil(rounds / 3);
  for (let round = -1; round < turns; round++) {
    for (const [name, texts] of Object.entries(requests)) {
      const result = await load.ask<Loaded>(
        {
          ports: [process.port],
          requests: texts,
          connections: CONNECTIONS,
          seconds: 1,
        } satisfies Load,
      );
      if (result.failed > 0) {
        throw new Error(`${name}: ${result.failed} failed`);
      }
      if (round >= 0) measured.set(name, [...measured.get(name) ?? [], result]);
    }
  }
  const pace = ({ requests, seconds }: Loaded) => requests / seconds;
  const bare = (measured.get("answers at once") ?? []).map(pace);
  for (const [name, results] of measured) {
    const own = results.map(pace);
    routes.push([
      name,
      users.toLocaleString("en"),
      Math.round(median(own)).toLocaleString("en"),
      name === "answers at once" ? "" : formatRatio(ratioOf(own, bare)),
      median(results.map((result) => result.median)).toFixed(2),
      median(results.map((result) => result.p99)).toFixed(2),
    ]);
  }
  for (const where of stores) await storm([process], where, users);
  if (redis) {
    const others = await Promise.all([1, 2, 3].map(startProcess));
    for (const { worker } of others) used.use(worker);
    await storm([process, ...others], "redis", users);
  }
}

await people.assertKilled(stormLoad);

/** All users' access tokens have expired: how long until each has a new one. */
async function storm(
  processes: readonly Process[],
  where: Store,
  users: number,
): Promise<void> {
  const [first] = processes;
  if (first === undefined) return;
  const requests = await fill(first, where, users, true);
  const ports = processes.map(({ port }) => port);
  const sent = async () =>
    (await Promise.all(
      processes.map(({ worker }) =>
        worker.ask<number>({ do: "sent" } satisfies WebQuestion)
      ),
    )).reduce((all, count) => all + count, 0);
  await sent();
  const result = await stormLoad.ask<Loaded>(
    { ports, requests, connections: MANY } satisfies Load,
  );
  if (result.failed > 0) throw new Error(`${result.failed} without a token`);
  const refreshes = await sent();
  if (refreshes !== users) throw new Error(`${refreshes} refreshes`);
  await people.rotated(
    users,
    await first.worker.ask({ do: "tokens", where } satisfies WebQuestion),
  );
  const floor = await stormLoad.ask<Loaded>(
    {
      ports: [broker.port],
      requests: people.tokens(users).map(broker.refreshRequest),
      connections: MANY,
      tokens: true,
    } satisfies Load,
  );
  if (floor.failed > 0) throw new Error("the broker refused");
  await people.rotated(users, floor.tokens);
  const pace = ({ requests, seconds }: Loaded) =>
    Math.round(requests / seconds).toLocaleString("en");
  storms.push([
    users.toLocaleString("en"),
    where === "redis" ? "Redis" : "memory",
    `${processes.length}`,
    result.seconds.toFixed(2),
    pace(result),
    pace(floor),
    result.p99.toFixed(0),
  ]);
}

/** The memory of sessions in Redis: all of them by its own count, and one key. */
async function redisBytes(
  redis: RedisServer,
  process: Process,
  users: number,
): Promise<{ used: number; key: number; requests: string[] }> {
  await redis.command("FLUSHALL");
  const used = async () =>
    Number(
      /used_memory:(\d+)/.exec(String(await redis.command("INFO", "memory")))
        ?.[1],
    );
  const before = await used();
  const requests = await fill(process, "redis", users);
  const key = String(await redis.command("RANDOMKEY"));
  return {
    used: await used() - before,
    key: Number(await redis.command("MEMORY", "USAGE", key)),
    requests,
  };
}

function perUser(bytes: number, users: number): string {
  return Math.round(bytes / users).toLocaleString("en");
}

function cookieOf(request: string): string {
  return /cookie: (.*)\r\n/.exec(request)?.[1] ?? "";
}

print({
  tables: {
    web: {
      head: [
        "a route that",
        "users",
        "requests a second",
        "times the first",
        "median ms",
        "p99 ms",
      ],
      rows: routes,
    },
    storm: {
      head: [
        "users, all expired",
        "tokens in",
        "processes",
        "s until all have one",
        "refreshes a second",
        "the broker alone",
        "p99 ms",
      ],
      rows: storms,
    },
    growth: {
      head: [
        "users",
        "bytes of heap a user, in memory",
        "MB of the process",
        "bytes a user, Redis' total",
        "`MEMORY USAGE` of a user's key",
      ],
      rows: growth,
    },
  },
  ...(!redis && { notes: ["Redis is not installed and was not measured."] }),
});
