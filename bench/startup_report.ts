import type { DailyCommand, Runtime } from "./daily_commands.ts";
import { median, type Ratio, ratioOf, type Result } from "./interleaved.ts";
import type { Peer } from "./peers.ts";
import type { Place, Program } from "./program.ts";
import {
  type Bar,
  formatRatio,
  type Report,
  type Table,
  type Target,
} from "./report.ts";

/** A measured program. */
export interface Entry extends Program {
  /** Its row, the same on every runtime. */
  readonly row: string;
  /** The entry to compare it with. @default {none: it is a floor itself} */
  readonly floor?: string;
  /** Its runtime. @default {another tool's} */
  readonly runtime?: Runtime;
  readonly place: Place;
  /** What the picture calls it. @default {it is not in the picture} */
  readonly label?: string;
  readonly kind: Bar["kind"];
  /** The command that it is, with its targets. @default {none: it is for the record} */
  readonly daily?: DailyCommand;
}

/** What was measured. */
export interface Startup {
  readonly rounds: number;
  readonly entries: readonly Entry[];
  /** The time of each entry, in the same order. */
  readonly results: readonly Result[];
  /** The peaks of memory in MiB, by the entry's name; empty where there is no GNU time. */
  readonly peaks: ReadonlyMap<string, readonly number[]>;
  readonly peers: readonly Peer[];
  /** The version of Deno by runtime. */
  readonly versions: Readonly<Partial<Record<Runtime, string>>>;
  /** Why there is no executable. @default {there is one} */
  readonly missing?: string;
}

const TITLES = { run: "`deno run`", compiled: "compiled" } as const;
const RUNTIMES = ["run", "compiled"] as const;

/** Names a row on one runtime. */
export function entryName(row: string, runtime: Runtime): string {
  return `${row}, ${TITLES[runtime]}`;
}

/** Makes the tables, the targets and the bars of the picture. */
export function startupReport(startup: Startup): Report {
  const { results, peaks, missing, versions } = startup;
  return {
    tables: { startup: commandTable(startup), peers: peerTable(startup) },
    readme: { startup: shortTable(startup) },
    targets: RUNTIMES.flatMap((runtime) =>
      withResults(startup)
        .filter(({ entry }) => entry.runtime === runtime)
        .flatMap((measured) => targets(measured, runtime, peaks))
    ),
    bars: results.flatMap((result, at) => bars(startup, result, at)),
    notes: [
      missing === undefined
        ? `The compiled programs hold the runtime of Deno ${versions.compiled}.`
        : `Compiled programs: not measured (${missing}).`,
      ...(peaks.size === 0
        ? ["Memory: not measured (no GNU time; Debian package `time`)."]
        : []),
    ],
  };
}

interface Measured {
  readonly entry: Entry;
  readonly result: Result;
}

function withResults({ entries, results }: Startup): Measured[] {
  return results.flatMap((result, at) => {
    const entry = entries[at];
    return entry === undefined ? [] : [{ entry, result }];
  });
}

/** A row for each command, with its time and memory on both runtimes. */
function commandTable(startup: Startup): Table {
  const measured = withResults(startup)
    .filter(({ entry }) => entry.runtime !== undefined);
  const rows = new Set(measured.map(({ entry }) => entry.row));
  return {
    head: [
      `${startup.rounds} rounds`,
      ...RUNTIMES.flatMap((runtime) => [
        `${TITLES[runtime]}, ms`,
        "×",
        "MiB",
        "×",
      ]),
    ],
    rows: [...rows].map((row) => [
      row,
      ...RUNTIMES.flatMap((runtime) => {
        const found = measured.find(({ entry }) =>
          entry.row === row && entry.runtime === runtime
        );
        if (found === undefined) return ["", "", "", ""];
        const { name, floor, median, ratio } = found.result;
        return [
          median.toFixed(1),
          name === floor ? "" : ratio.toFixed(2),
          ...memory(found.result, startup.peaks),
        ];
      }),
    ]),
  };
}

/** The ratios of the commands that are in the picture. */
function shortTable(startup: Startup): Table {
  const measured = withResults(startup).filter(({ entry }) =>
    entry.daily?.label !== undefined
  );
  const measuredRatio = (row: string, runtime: Runtime) =>
    measured.find(({ entry }) => entry.row === row && entry.runtime === runtime)
      ?.result.ratio;
  return {
    head: [
      "start to end, against an empty program",
      "`deno run`",
      "the executable",
    ],
    rows: [...new Set(measured.map(({ entry }) => entry.row))].map((row) => [
      row,
      ...RUNTIMES.map((runtime) => {
        const ratio = measuredRatio(row, runtime);
        return ratio === undefined ? "" : `${ratio.toFixed(2)} ×`;
      }),
    ]),
  };
}

function peerTable(startup: Startup): Table {
  const { entries, peers, peaks } = startup;
  const floor = entries.find(({ kind }) => kind === "peer")?.floor;
  return {
    head: [
      "another tool",
      "median ms",
      "least ms",
      `times tdauth's ${floor ?? "`token`"}`,
      "peak MiB",
      "times tdauth's",
      "version",
    ],
    rows: peers.map(({ name, version }) => {
      const found = withResults(startup).find(({ entry }) =>
        entry.kind === "peer" && entry.row === name
      );
      if (found === undefined) return [name, "", "", "", "", "", version];
      const { median, least, ...ratio } = found.result;
      return [
        name,
        median.toFixed(1),
        least.toFixed(1),
        formatRatio(ratio),
        ...memory(found.result, peaks),
        version,
      ];
    }),
  };
}

/** The peak and its ratio, as two cells. */
function memory({ name, floor }: Result, peaks: Startup["peaks"]): string[] {
  const own = peaks.get(name);
  if (own === undefined) return ["–", "–"];
  const ratio = median(own) / median(peaks.get(floor) ?? []);
  return [median(own).toFixed(1), name === floor ? "" : ratio.toFixed(2)];
}

function targets(
  { entry: { daily }, result }: Measured,
  runtime: Runtime,
  peaks: Startup["peaks"],
): Target[] {
  const { name, floor, ratio, low, high } = result;
  const found: Target[] = [];
  if (daily?.most !== undefined) {
    found.push({ what: name, most: daily.most[runtime], ratio, low, high });
  }
  const peak = peakRatio(peaks, name, floor);
  if (daily?.memory !== undefined && peak !== undefined) {
    found.push({ what: `${name}: peak memory`, most: daily.memory, ...peak });
  }
  return found;
}

function peakRatio(
  peaks: Startup["peaks"],
  name: string,
  floor: string,
): Ratio | undefined {
  const own = peaks.get(name);
  const others = peaks.get(floor);
  if (own === undefined || others === undefined) return undefined;
  return ratioOf(own, others);
}

/** The bar of a program, or none. */
function bars(
  { entries, versions }: Startup,
  { name, floor, median, ratio }: Result,
  at: number,
): Bar[] {
  const { label, kind, runtime } = entries[at] ?? {};
  if (label === undefined || kind === undefined) return [];
  return [{
    name: label,
    kind,
    group: runtime === undefined
      ? "other tools: print a cached token"
      : `${runtime === "run" ? "deno run" : "deno compile"} (${
        versions[runtime]
      })`,
    milliseconds: median,
    ...(floor !== name && kind !== "peer" && { ratio }),
  }];
}
