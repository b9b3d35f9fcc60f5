/**
 * Measures how many requests processes send that find the access token expired,
 * and how many of them end with a valid one, at a broker that rotates the refresh
 * token and ends the login on reuse; 100 calls in one process; and how long the
 * callback port is taken after a login.
 *
 * `nice deno task bench refresh [TRIALS [PROCESSES[,PROCESSES…]]] [--quick]
 * [--json]`; 15 and 20 by default, and at most 100 processes.
 */
import { authorize } from "../mod.ts";
import { startSandbox } from "../src/sandbox/mod.ts";
import { outcomeOf, runFleet, start } from "../tests/processes/fleet.ts";
import { type SandboxPlace, sandboxPlace } from "../tests/processes/place.ts";
import { reservePort, temporaryDirectory } from "../tests/support.ts";
import { median } from "./interleaved.ts";
import { benchArguments, print, usage } from "./report.ts";

const { rounds: trials, rest } = benchArguments(15, 2);
const sizes = (rest[0] ?? "20").split(",").map(Number);
if (!sizes.every((size) => size >= 1 && size <= 100)) {
  usage("[TRIALS [PROCESSES[,PROCESSES…]]]");
}
const rows: string[][] = [];
for (const processes of sizes) {
  for (const barrier of [false, true]) {
    const trial = async () => {
      await using place = await sandboxPlace({ rotation: "kill" });
      const old = place.tokens();
      const since = performance.now();
      const results = await runFleet(place, { processes, barrier });
      const seconds = (performance.now() - since) / 1000;
      const outcome = await outcomeOf(place, results);
      await assertKills(place, old);
      return { ...outcome, seconds };
    };
    rows.push([
      `${processes}`,
      barrier ? "from a barrier" : "at once",
      ...await outcome(trial),
    ]);
  }
}
rows.push([
  "1, with 100 calls",
  "at once",
  ...await outcome(async () => {
    await using place = await sandboxPlace({ rotation: "kill" });
    const old = place.tokens();
    const since = performance.now();
    const result = await start(place, "script", { calls: 100 }).result;
    const seconds = (performance.now() - since) / 1000;
    const outcome = await outcomeOf(place, [result]);
    await assertKills(place, old);
    return { ...outcome, seconds };
  }),
]);

const ports: string[][] = [];
for (const broker of ["tdameritrade", "schwab"] as const) {
  const times: number[] = [];
  await using directory = temporaryDirectory();
  for (let trial = 0; trial < trials; trial++) {
    times.push(await portFreeAfter(broker, `${directory.path}/tdauth`));
  }
  ports.push([
    broker === "schwab" ? "https" : "http",
    median(times).toFixed(1),
    Math.max(...times).toFixed(1),
  ]);
}
print({
  tables: {
    refresh: {
      head: [
        `processes (${trials} trials)`,
        "released",
        "refresh requests",
        "left with a valid token",
        "different tokens",
        "median s",
      ],
      rows,
    },
    port: {
      head: [
        "callback",
        "ms from the login's end until its port is free, median",
        "most",
      ],
      rows: ports,
    },
  },
});

/** Asserts that the broker has replaced the refresh token, and ends the login when the old one is sent again: otherwise the figures mean nothing. */
async function assertKills(
  place: SandboxPlace,
  { refresh_token: old }: ReturnType<SandboxPlace["tokens"]>,
): Promise<void> {
  const { access_token, refresh_token } = place.tokens();
  if (refresh_token.token === old.token) {
    throw new Error("the broker did not rotate the refresh token");
  }
  const status = await place.present(old.token);
  if (status !== 400 || await place.takes(access_token.token)) {
    throw new Error("the broker did not kill the login of a reused token");
  }
}

/** The minimum and maximum of each figure, and the median time. */
async function outcome(
  trial: () => Promise<{
    readonly requests: number;
    readonly valid: number;
    readonly tokens: number;
    readonly seconds: number;
  }>,
): Promise<string[]> {
  const all = [];
  for (let made = 0; made < trials; made++) all.push(await trial());
  const range = (values: number[]) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return least === most ? `${least}` : `${least}–${most}`;
  };
  return [
    range(all.map(({ requests }) => requests)),
    range(all.map(({ valid }) => valid)),
    range(all.map(({ tokens }) => tokens)),
    median(all.map(({ seconds }) => seconds)).toFixed(2),
  ];
}

/** Logs in and tries to listen on the callback port from then on. */
async function portFreeAfter(
  broker: "tdameritrade" | "schwab",
  configDir: string,
): Promise<number> {
  using reserved = reservePort();
  const { port } = reserved;
  const scheme = broker === "schwab" ? "https" : "http";
  await using sandbox = await startSandbox({
    broker,
    callbackUrl: `${scheme}://127.0.0.1:${port}`,
  });
  let page: Promise<void> | undefined;
  await authorize({
    ...sandbox.app,
    provider: broker,
    sandbox: sandbox.url,
    configDir,
    openUrl: (url) => void (page = sandbox.approve(url)),
    log: () => {},
  });
  const since = performance.now();
  while (!isFree(port)) await new Promise((resolve) => setTimeout(resolve, 1));
  const took = performance.now() - since;
  await page;
  for (const { name } of Deno.readDirSync(configDir)) {
    if (name !== "certificate.json") Deno.removeSync(`${configDir}/${name}`);
  }
  return took;
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
