/**
 * How long a call takes in one process while the token is cached and valid,
 * against an object whose expiry is checked and against reading and parsing the
 * file; and how soon a token that another process stored is served.
 *
 * `deno task bench calls [ROUNDS] [--quick] [--json]`
 */
import {
  authorize,
  type AuthorizeOptions,
  DiskCache,
  MemCache,
} from "../mod.ts";
import {
  type Contender,
  interleaved,
  median,
  ratioOf,
  type Result,
} from "./interleaved.ts";
import { otherProcess } from "./other_process.ts";
import { callsIn, findPeers } from "./peers.ts";
import { benchPlace, TOKEN } from "./place.ts";
import {
  benchArguments,
  formatRatio,
  print,
  type Table,
  type Target,
} from "./report.ts";
import { StoredTokens } from "../src/cache/stored_tokens.ts";

const MEMORY = "an object whose expiry is looked at, awaited";
const READ = "reading and parsing the token file";
const LOOK =
  "looking for .env, reading and parsing config.json and the token file";
const TOKEN_CALL = "`td.token()`";
const DISK_CALL = "`authorize()` with the tokens on disk";

const { rounds } = benchArguments(61, 7);
using place = await benchPlace();
const { tokenFile } = place;
const configDir = tokenFile.slice(0, tokenFile.lastIndexOf("/"));
Deno.chdir(place.cwd);
for (const name of Object.keys(Deno.env.toObject())) {
  if (name.startsWith("TD_")) Deno.env.delete(name);
}
let shift = 0;
const options: AuthorizeOptions = {
  configDir,
  now: () => Date.now() + shift,
  interactive: false,
  fetch: () => Promise.reject(new Error("nothing is to be sent")),
};
const results = await interleaved(await contenders(), rounds);
const tables = { calls: callsTable(), notice: await noticeTable() };
print({ tables, targets: [target(TOKEN_CALL), target(DISK_CALL)] });

async function contenders(): Promise<Contender[]> {
  const td = await authorize(options);
  const disk = new DiskCache(configDir, "BENCH");
  const cache = new MemCache();
  await new StoredTokens(cache).save(
    await new StoredTokens(disk).load(),
    "refresh",
  );
  const expiry = Date.now() / 1000 + 86_400;
  // deno-lint-ignore require-await -- what is compared is awaited as well
  const object = async () => {
    if (expiry - Date.now() / 1000 > 60) return TOKEN;
    throw new Error("expired");
  };
  // deno-lint-ignore require-await -- as above
  const read = async () => parsed(tokenFile).access_token.token;
  // deno-lint-ignore require-await -- as above
  const look = async () => {
    try {
      Deno.readTextFileSync(".env");
    } catch {
      // Most users have none.
    }
    const { profiles } = parsed(`${configDir}/config.json`);
    return profiles.default && parsed(tokenFile).access_token.token;
  };
  const of = (
    name: string,
    calls: number,
    call: () => Promise<unknown>,
    floor?: string,
  ): Contender => ({
    name,
    calls,
    ...(floor !== undefined && { floor }),
    run: async () => {
      for (let made = 0; made < calls; made++) {
        if (await call() === undefined) throw new Error(`${name}: nothing`);
      }
    },
  });
  return [
    of(MEMORY, 20_000, object),
    of(TOKEN_CALL, 20_000, () => td.token(), MEMORY),
    {
      name: "`td.accessToken.token`, not awaited",
      floor: MEMORY,
      calls: 20_000,
      run: () => {
        let letters = 0;
        for (let made = 0; made < 20_000; made++) {
          letters += td.accessToken.token?.length ?? 0;
        }
        if (letters !== 20_000 * TOKEN.length) throw new Error("no token");
      },
    },
    of(READ, 500, read),
    of("`DiskCache.read()`", 500, () => disk.read(), READ),
    of(LOOK, 500, look),
    of(DISK_CALL, 500, () => authorize(options), LOOK),
    of(
      "`authorize()` with the tokens in memory",
      500,
      () => authorize({ ...options, cache }),
      LOOK,
    ),
  ];
}

// deno-lint-ignore no-explicit-any -- a file of our own
function parsed(path: string): any {
  return JSON.parse(Deno.readTextFileSync(path));
}

function callsTable(): Table {
  const rows = results.map(({ name, floor, median, ...ratio }: Result) => [
    name,
    micro(median * 1000),
    Math.round(1000 / median).toLocaleString("en"),
    name === floor ? "" : floor,
    name === floor ? "" : formatRatio(ratio),
  ]);
  for (const { name, version, script } of findPeers(tokenFile, TOKEN, place)) {
    if (script === undefined) continue;
    const { floor, call } = callsIn(script, tokenFile, rounds, place);
    rows.push([
      `${name} (${version})`,
      micro(median(call)),
      Math.round(1e6 / median(call)).toLocaleString("en"),
      `such an object in Node (${micro(median(floor))} µs)`,
      formatRatio(ratioOf(call, floor)),
    ]);
  }
  return {
    head: ["call", "µs", "calls a second", "its floor", "times its floor"],
    rows,
  };
}

function micro(value: number): string {
  return value.toFixed(value < 1 ? 3 : 1);
}

/** Another process stores a new token: how long until a caller that keeps asking sees it? */
async function noticeTable(): Promise<Table> {
  await using other = otherProcess(tokenFile);
  await other.store("warm", Math.floor(Date.now() / 1000));
  await other.stored();
  const askers = {
    [READ]: () => Promise.resolve(parsed(tokenFile).access_token.token),
    [DISK_CALL]: async () => (await authorize(options)).accessToken.token ?? "",
  };
  const saves: number[] = [];
  const seen: Record<string, number[]> = { [READ]: [], [DISK_CALL]: [] };
  const waiting: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const [name, ask] of Object.entries(askers)) {
      const token = `${name.length}.${round}`;
      await other.store(token, issued());
      const deadline = performance.now() + 10_000;
      while (await ask() !== token) {
        if (performance.now() > deadline) throw new Error("never seen");
      }
      const at = performance.timeOrigin + performance.now();
      const { began, done } = await other.stored();
      saves.push(done - began);
      seen[name]?.push(at - began);
    }
    // A script that has held its token until it expired; another process has
    // refreshed in the meantime.
    const td = await authorize(options);
    shift += 90_000_000;
    await other.store(`new.${round}`, issued());
    await other.stored();
    const start = performance.now();
    if (await td.token() !== `new.${round}`) throw new Error("not seen");
    waiting.push(performance.now() - start);
  }
  const row = (what: string, values: readonly number[]) => [
    what,
    median(values).toFixed(2),
    Math.max(...values).toFixed(2),
  ];
  return {
    head: ["another process stores a new token", "median ms", "most ms"],
    rows: [
      row("its own call of `save()`, durable when it returns", saves),
      ...Object.entries(seen).map(([name, values]) =>
        row(`from that call's beginning until it is served by: ${name}`, values)
      ),
      row(
        "`td.token()` whose token has expired since, with nothing sent",
        waiting,
      ),
    ],
  };
}

/** A time of issue that is now by this clock. */
function issued(): number {
  return Math.floor((Date.now() + shift) / 1000);
}

function target(name: string): Target {
  const result = results.find((one) => one.name === name);
  if (result === undefined) throw new Error(`no result "${name}"`);
  const { floor, ratio, low, high } = result;
  return { what: `${name} against ${floor}`, most: 3, ratio, low, high };
}
