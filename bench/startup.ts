/**
 * Measures the time and memory of the commands that scripts call all the time,
 * with a cached, valid token: by `deno run` and compiled, each against an empty
 * program on the same runtime, and beside other tools.
 *
 * `deno task bench startup [ROUNDS] [--quick] [--json]`
 */
import { fileURLToPath } from "node:url";
import { executables } from "./compiled.ts";
import { DAILY_COMMANDS } from "./daily_commands.ts";
import { dailyPlaces } from "./daily_places.ts";
import { floors } from "./floors.ts";
import { interleaved } from "./interleaved.ts";
import { findPeers } from "./peers.ts";
import { benchPlace, CLI, TOKEN } from "./place.ts";
import { checkPremises } from "./premises.ts";
import { peakMebibytes, runOnce } from "./program.ts";
import { benchArguments, print } from "./report.ts";
import { type Entry, entryName, startupReport } from "./startup_report.ts";
import { deno } from "../tools/deno.ts";
import type { Runtime } from "./daily_commands.ts";

/** The ways to start a program. */
interface Start {
  readonly runtime: Runtime;
  /** The version of its Deno. */
  readonly version: string;
  /** Returns the command line of `tdauth`. */
  readonly tdauth: (...args: readonly string[]) => readonly string[];
  /** The command lines of the floors. */
  readonly floors: readonly (readonly string[])[];
}

const CONFIG = fileURLToPath(new URL("../deno.json", import.meta.url));
/** Memory hardly varies. */
const MEMORY_ROUNDS = 7;

const { rounds } = benchArguments(61, 5);
using base = await benchPlace();
const places = dailyPlaces(base);
const floorPrograms = floors(base.tokenFile);
const sources = floorPrograms.map(({ source }, index) => {
  const path = `${base.directory}/floor_${index}.ts`;
  Deno.writeTextFileSync(path, source);
  return path;
});
const made = await executables(sources, base.directory);
const peers = findPeers(base.tokenFile, TOKEN, base);
const starts = [interpreted(), ...compiled()];
const entries: Entry[] = [
  ...starts.flatMap((start) => [...floorEntries(start), ...commands(start)]),
  ...others(),
];
for (const { tdauth } of starts) checkPremises(places, tdauth);
const results = await interleaved(
  entries.map((entry) => ({
    ...entry,
    run: () => runOnce(entry, entry.place),
  })),
  rounds,
);
const peaks = measurePeaks();
for (const { check } of Object.values(places)) check?.(); // no command has rewritten them
print(startupReport({
  rounds,
  entries,
  results,
  peaks,
  peers,
  versions: Object.fromEntries(
    starts.map(({ runtime, version }) => [runtime, version]),
  ),
  ...(typeof made === "string" && { missing: made }),
}));

function interpreted(): Start {
  const run = (...args: readonly string[]) => deno("run", "-A", ...args);
  return {
    runtime: "run",
    version: Deno.version.deno,
    tdauth: (...args) => run(CLI, ...args),
    floors: sources.map((source) => run(source)),
  };
}

function compiled(): Start[] {
  if (typeof made === "string") return [];
  const { runtime: version, tdauth, floors } = made;
  return [{
    runtime: "compiled",
    version,
    tdauth: (...args) => [tdauth, ...args],
    floors: floors.map((floor) => [floor]),
  }];
}

function floorEntries({ runtime, floors }: Start): Entry[] {
  const empty = floorPrograms[0].name;
  const entries = floorPrograms.map((
    { name, expected, label },
    index,
  ): Entry => ({
    name: entryName(name, runtime),
    row: name,
    ...(index > 0 && { floor: entryName(empty, runtime) }),
    runtime,
    command: floors[index] ?? [],
    expected,
    place: base,
    ...(label !== undefined && { label }),
    kind: "floor",
  }));
  if (runtime === "compiled") return entries;
  const row = "the same, with this project's deno.json and deno.lock";
  return entries.toSpliced(1, 0, {
    name: entryName(row, runtime),
    row,
    floor: entryName(empty, runtime),
    runtime,
    command: deno("run", "-A", `--config=${CONFIG}`, ...sources.slice(0, 1)),
    expected: "",
    place: base,
    kind: "floor",
  });
}

function commands({ runtime, tdauth }: Start): Entry[] {
  const floor = entryName(floorPrograms[0].name, runtime);
  const entries = DAILY_COMMANDS.map((daily): Entry => {
    const { name, args, expected, label } = daily;
    const place = places[daily.place ?? "profile"];
    return {
      name: entryName(name, runtime),
      row: name,
      floor,
      runtime,
      command: tdauth(...args),
      expected: typeof expected === "string"
        ? expected
        : (text) => expected(text, place),
      place,
      ...(label !== undefined && { label }),
      kind: "tdauth",
      daily,
    };
  });
  if (runtime === "compiled") return entries;
  const row = "the same, without deno.json and deno.lock";
  return entries.toSpliced(1, 0, {
    name: entryName(row, runtime),
    row,
    floor,
    runtime,
    command: deno("run", "-A", "--no-config", "--no-lock", CLI, "token"),
    expected: `${TOKEN}\n`,
    place: places.profile,
    kind: "tdauth",
  });
}

function others(): Entry[] {
  const [token] = DAILY_COMMANDS;
  return peers.flatMap(({ name, command }): Entry[] =>
    command === undefined || token === undefined ? [] : [{
      name,
      row: name,
      floor: entryName(token.name, starts.at(-1)?.runtime ?? "run"),
      command,
      expected: `${TOKEN}\n`,
      place: base,
      label: name.replaceAll("`", ""),
      kind: "peer",
    }]
  );
}

/** By name; empty where it cannot be measured. */
function measurePeaks(): Map<string, number[]> {
  const peaks = new Map<string, number[]>();
  for (let round = 0; round < Math.min(rounds, MEMORY_ROUNDS); round++) {
    for (const entry of entries) {
      const peak = peakMebibytes(entry, entry.place);
      if (peak === undefined) continue;
      const own = peaks.get(entry.name) ?? [];
      peaks.set(entry.name, [...own, peak]);
    }
  }
  return peaks;
}
