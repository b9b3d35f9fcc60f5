/**
 * Measures the time and memory of `tdauth token` from a shell with a cached,
 * valid token: against empty programs on the same runtime, against programs that
 * only read and parse the file, and against other tools.
 *
 * `deno task bench startup [ROUNDS] [--quick] [--json]`
 */
import { fileURLToPath } from "node:url";
import { executables } from "./compiled.ts";
import {
  interleaved,
  median,
  type Ratio,
  ratioOf,
  type Result,
} from "./interleaved.ts";
import { findPeers, type Peer } from "./peers.ts";
import { benchPlace, TOKEN } from "./place.ts";
import { peakMebibytes, type Program, runOnce } from "./program.ts";
import {
  type Bar,
  benchArguments,
  formatRatio,
  print,
  type Report,
} from "./report.ts";
import { deno } from "../tools/deno.ts";

/** A program with its baseline and its place in the plot. */
interface Entry extends Program {
  readonly floor?: string;
  readonly bar: Omit<Bar, "milliseconds">;
}

const CLI = fileURLToPath(new URL("../cli.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));
const PRINTED = `${TOKEN}\n`;
const EMPTY = "an empty program, `deno run`";
const RUN = "`deno run cli.ts token`";
const COMPILED_EMPTY = "an empty program, compiled";
const COMPILED = "`tdauth token`, compiled";

const { rounds } = benchArguments(101, 7);
using place = await benchPlace();
const { directory, tokenFile } = place;
const empty = `${directory}/empty.ts`;
const read = `${directory}/read.ts`;
Deno.writeTextFileSync(empty, "");
Deno.writeTextFileSync(
  read,
  `const { access_token } = JSON.parse(Deno.readTextFileSync(${
    JSON.stringify(tokenFile)
  }));
Deno.stdout.writeSync(new TextEncoder().encode(access_token.token + "\\n"));`,
);
const made = await executables(empty, read, directory);
const peers = findPeers(tokenFile, TOKEN, place);
const entries = [...interpreted(), ...compiled(), ...others()];
const results = await interleaved(
  entries.map((entry) => ({ ...entry, run: () => runOnce(entry, place) })),
  rounds,
);
const peaks = measurePeaks();
print(report());

function interpreted(): Entry[] {
  const run = (...args: string[]) => deno("run", "-A", ...args);
  const group = `deno run (${Deno.version.deno})`;
  return [
    {
      name: EMPTY,
      command: run(empty),
      expected: "",
      bar: { name: "an empty program", kind: "floor", group },
    },
    {
      name: "the same, with this project's deno.json and deno.lock",
      floor: EMPTY,
      command: run(`--config=${CONFIG}`, empty),
      expected: "",
      bar: { name: "with deno.json and deno.lock", kind: "floor", group },
    },
    {
      name: "reading and parsing the file, `deno run`",
      floor: EMPTY,
      command: run(read),
      expected: PRINTED,
      bar: { name: "reads the file, no more", kind: "floor", group },
    },
    {
      name: RUN,
      floor: EMPTY,
      command: run(CLI, "token"),
      expected: PRINTED,
      bar: { name: "cli.ts token", kind: "tdauth", group },
    },
    {
      name: "the same, without deno.json and deno.lock",
      floor: EMPTY,
      command: run("--no-config", "--no-lock", CLI, "token"),
      expected: PRINTED,
      bar: { name: "cli.ts token, no deno.json", kind: "tdauth", group },
    },
    {
      name: "`deno run cli.ts token --verbose`, the full program",
      floor: EMPTY,
      command: run(CLI, "token", "--verbose"),
      expected: PRINTED,
      bar: { name: "the same by the full program", kind: "tdauth", group },
    },
  ];
}

function compiled(): Entry[] {
  if (typeof made === "string") return [];
  const group = `deno compile (${made.runtime})`;
  return [
    {
      name: COMPILED_EMPTY,
      command: [made.empty],
      expected: "",
      bar: { name: "an empty program", kind: "floor", group },
    },
    {
      name: "reading and parsing the file, compiled",
      floor: COMPILED_EMPTY,
      command: [made.read],
      expected: PRINTED,
      bar: { name: "reads the file, no more", kind: "floor", group },
    },
    {
      name: COMPILED,
      floor: COMPILED_EMPTY,
      command: [made.tdauth, "token"],
      expected: PRINTED,
      bar: { name: "tdauth token", kind: "tdauth", group },
    },
  ];
}

function others(): Entry[] {
  return peers.flatMap(({ name, command }) =>
    command === undefined ? [] : [{
      name,
      floor: typeof made === "string" ? RUN : COMPILED,
      command,
      expected: PRINTED,
      bar: {
        name: name.replaceAll("`", ""),
        kind: "peer" as const,
        group: "other tools",
      },
    }]
  );
}

/** By name; empty where it cannot be measured. */
function measurePeaks(): Map<string, number[]> {
  const peaks = new Map<string, number[]>();
  for (let round = 0; round < Math.min(rounds, 31); round++) {
    for (const entry of entries) {
      const peak = peakMebibytes(entry, place);
      if (peak === undefined) continue;
      const own = peaks.get(entry.name) ?? [];
      peaks.set(entry.name, [...own, peak]);
    }
  }
  return peaks;
}

function memory(name: string, floor: string): string[] {
  const own = peaks.get(name);
  if (own === undefined) return ["–", "–"];
  const ratio = median(own) / median(peaks.get(floor) ?? []);
  return [median(own).toFixed(1), name === floor ? "" : ratio.toFixed(2)];
}

function row({ name, floor, median, least, ...ratio }: Result): string[] {
  return [
    name,
    median.toFixed(1),
    least.toFixed(1),
    name === floor ? "" : formatRatio(ratio),
    ...memory(name, floor),
  ];
}

function report(): Report {
  const isPeer = ({ name }: Result) => peers.some((peer) => peer.name === name);
  const columns = ["median ms", "least ms"];
  const absent = (peer: Peer) => [peer.name, "", "", "", "", "", peer.version];
  return {
    tables: {
      startup: {
        head: [
          `${rounds} rounds`,
          ...columns,
          "times its floor",
          "peak MiB",
          "times its floor",
        ],
        rows: results.filter((result) => !isPeer(result)).map(row),
      },
      peers: {
        head: [
          "another tool",
          ...columns,
          `times ${typeof made === "string" ? RUN : COMPILED}`,
          "peak MiB",
          "times tdauth's",
          "version",
        ],
        rows: peers.map((peer) => {
          const result = results.find(({ name }) => name === peer.name);
          return result === undefined
            ? absent(peer)
            : [...row(result), peer.version];
        }),
      },
    },
    targets: [
      ...target(RUN, 1.15, 1.1),
      ...(typeof made === "string" ? [] : target(COMPILED, 1.05, 1.1)),
    ],
    bars: results.map(({ name, floor, median, ratio }, index) => ({
      ...barOf(index),
      milliseconds: median,
      ...(floor !== name && barOf(index).kind !== "peer" && { ratio }),
    })),
    notes: [
      ...(typeof made === "string"
        ? [`Compiled programs: not measured (${made}).`]
        : [`The compiled programs hold the runtime of Deno ${made.runtime}.`]),
      ...(peaks.size === 0
        ? ["Memory: not measured (no GNU time; Debian package `time`)."]
        : []),
    ],
  };
}

function barOf(index: number): Entry["bar"] {
  const entry = entries[index];
  if (entry === undefined) throw new Error(`no program ${index}`);
  return entry.bar;
}

function target(name: string, time: number, peak: number) {
  const result = results.find((one) => one.name === name);
  if (result === undefined) return [];
  const { floor, ratio, low, high } = result;
  const found = [{
    what: `${name}: time against ${floor}`,
    most: time,
    ratio,
    low,
    high,
  }];
  const memory = peakRatio(name, floor);
  if (memory === undefined) return found;
  return [...found, {
    what: `${name}: peak memory against ${floor}`,
    most: peak,
    ...memory,
  }];
}

function peakRatio(name: string, floor: string): Ratio | undefined {
  const own = peaks.get(name);
  const others = peaks.get(floor);
  if (own === undefined || others === undefined) return undefined;
  return ratioOf(own, others);
}
