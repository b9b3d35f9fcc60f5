/**
 * Measures `tdauth serve` while nothing happens: its memory and what it computes,
 * beside idle Deno programs in the same minutes, and how fast its socket answers.
 *
 * `deno task bench serve [SECONDS] [--quick] [--json]`; Linux alone tells.
 */
import { temporaryDirectory } from "../tests/support.ts";
import { median } from "./interleaved.ts";
import { CLI } from "./place.ts";
import { benchArguments, print } from "./report.ts";
import { denoProcess } from "../tools/deno.ts";

/** A process, and what it is called. */
interface Idle {
  readonly name: string;
  readonly pid: number;
}

const { rounds: seconds } = benchArguments(148, 38);
/** How long a process has to come to rest, in milliseconds. */
const REST = 8_000;
/** How often the clock of `/proc` ticks, in Hz: on every Linux. */
const TICKS = 100;
/** How many requests the socket is asked. */
const REQUESTS = 300;

const QUIET = { stdin: "null", stdout: "null", stderr: "null" } as const;

await using temporary = temporaryDirectory();
await using stack = new AsyncDisposableStack();
const idles: Idle[] = [];
add(
  "an idle Deno program",
  denoProcess(["eval", "setInterval(() => {}, 1e9)"], QUIET),
);
add(
  "the same, serving HTTP at a Unix socket",
  denoProcess([
    "eval",
    `Deno.serve({ path: ${
      JSON.stringify(`${temporary.path}/floor.sock`)
    }, onListen() {} }, () => new Response("ok"))`,
  ], QUIET),
);
for (const count of [1, 100]) {
  const directory = `${temporary.path}/${count}`;
  makeProfiles(directory, count);
  const what = count === 1 ? "1 profile" : `${count} profiles`;
  add(
    `\`tdauth serve\`, ${what}`,
    denoProcess(
      ["run", "-A", CLI, "serve", "--config-dir", directory],
      QUIET,
    ),
  );
}
await sleep(REST);
const before = idles.map(({ pid }) => computed(pid));
await sleep(seconds * 1000);
const measured = idles.map(({ pid }, index) => ({
  mebibytes: resident(pid),
  perMinute: (computed(pid) - (before[index] ?? 0)) * 60 / seconds,
}));
const [floor] = measured;
const answers = [
  ["the idle server above", "floor.sock", "/"],
  ["`tdauth serve`, a cached token", "1/run/keeper.sock", "/tdauth/v1/token"],
] as const;
const asked = [];
for (const [name, socket, path] of answers) {
  asked.push(
    [name, await answerTime(`${temporary.path}/${socket}`, path)] as const,
  );
}
print({
  tables: {
    serve: {
      head: [
        `idle for ${seconds} seconds`,
        "MiB",
        "times the first",
        "ms of CPU a minute",
      ],
      rows: idles.map(({ name }, index) => {
        const { mebibytes = 0, perMinute = 0 } = measured[index] ?? {};
        return [
          name,
          mebibytes.toFixed(1),
          index === 0 ? "" : (mebibytes / (floor?.mebibytes ?? NaN)).toFixed(2),
          perMinute.toFixed(0),
        ];
      }),
    },
    "serve-answers": {
      head: [
        `${REQUESTS} requests at the socket, one after another`,
        "median ms",
      ],
      rows: asked.map(([name, time]) => [name, time.toFixed(2)]),
    },
  },
});

function add(name: string, command: Deno.Command): void {
  const child = command.spawn();
  idles.push({ name, pid: child.pid });
  stack.defer(async () => {
    child.kill("SIGTERM");
    await child.status;
  });
}

/** The memory that a process has in use, in mebibytes. */
function resident(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1]) / 1024;
}

/** What a process has computed, in milliseconds. */
function computed(pid: number): number {
  const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [, ...fields] = text.slice(text.lastIndexOf(")")).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 1000 / TICKS;
}

async function answerTime(socket: string, path: string): Promise<number> {
  using client = Deno.createHttpClient({
    proxy: { transport: "unix", path: socket },
  });
  const times: number[] = [];
  for (let made = -20; made < REQUESTS; made++) {
    const start = performance.now();
    const answer = await fetch(`http://localhost${path}`, { client });
    await answer.text();
    if (!answer.ok) throw new Error(`${socket} answered ${answer.status}`);
    if (made >= 0) times.push(performance.now() - start);
  }
  return median(times);
}

/** Makes a directory with so many logged-in profiles, whose tokens are valid for a day. */
function makeProfiles(directory: string, count: number): void {
  Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const now = Math.floor(Date.now() / 1000);
  const profiles: Record<string, unknown> = {};
  for (let index = 0; index < count; index++) {
    const profile = index === 0 ? "default" : `user-${index}`;
    const consumerKey = `BENCH${index}`;
    profiles[profile] = {
      provider: "schwab",
      consumerKey,
      consumerSecret: "S",
    };
    const name = index === 0 ? consumerKey : `${profile}.${consumerKey}`;
    const token = (text: string, expires_in: number) => ({
      token: text,
      access_time: now,
      expires_in,
    });
    Deno.writeTextFileSync(
      `${directory}/${name}`,
      JSON.stringify({
        version: 1,
        provider: "schwab",
        consumer_key: consumerKey,
        access_token: token(`A${index}`, 86_400),
        refresh_token: token(`R${index}`, 604_800),
      }),
      { mode: 0o600 },
    );
  }
  Deno.writeTextFileSync(
    `${directory}/config.json`,
    JSON.stringify({ profiles }),
    { mode: 0o600 },
  );
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
