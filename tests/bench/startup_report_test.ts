import assert from "node:assert/strict";
import type { DailyCommand, Runtime } from "../../bench/daily_commands.ts";
import type { Result } from "../../bench/interleaved.ts";
import {
  type Entry,
  entryName,
  startupReport,
} from "../../bench/startup_report.ts";

const HEADER: DailyCommand = {
  name: "`header`",
  args: ["header"],
  expected: "",
  most: { run: 1.6, compiled: 1.25 },
  memory: 1.1,
  label: "header",
};
const EMPTY = "an empty program";
const PLACE = { cwd: "." };

/** Two programs on a runtime, and how long the second takes. */
function pair(runtime: Runtime, ratio: number): [Entry, Result][] {
  const floor = entryName(EMPTY, runtime);
  const name = entryName(HEADER.name, runtime);
  const common = { runtime, command: [], expected: "", place: PLACE };
  const of = (name: string, ratio: number): Result => ({
    name,
    floor,
    ratio,
    low: ratio,
    high: ratio,
    median: 20 * ratio,
    least: 15 * ratio,
  });
  return [
    [{ ...common, name: floor, row: EMPTY, kind: "floor" }, of(floor, 1)],
    [{
      ...common,
      name,
      row: HEADER.name,
      floor,
      label: "header",
      kind: "tdauth",
      daily: HEADER,
    }, of(name, ratio)],
  ];
}

const BOTH = [...pair("run", 1.5), ...pair("compiled", 1.3)];
const STARTUP = {
  rounds: 31,
  entries: BOTH.map(([entry]) => entry),
  results: BOTH.map(([, result]) => result),
  peaks: new Map([
    [entryName(EMPTY, "run"), [20, 20, 20]],
    [entryName(HEADER.name, "run"), [25, 25, 25]],
  ]),
  peers: [{ name: "`gh auth token`", version: "not found" }],
  versions: { run: "2.9.6", compiled: "2.4.2" },
};

Deno.test("startupReport() has a row for each program with both runtimes, and the README a short one", () => {
  const { tables, readme } = startupReport(STARTUP);
  assert.deepEqual(tables["startup"], {
    head: [
      "31 rounds",
      ...["`deno run`, ms", "×", "MiB", "×"],
      ...["compiled, ms", "×", "MiB", "×"],
    ],
    rows: [
      [EMPTY, "20.0", "", "20.0", "", "20.0", "", "–", "–"],
      ["`header`", "30.0", "1.50", "25.0", "1.25", "26.0", "1.30", "–", "–"],
    ],
  });
  assert.deepEqual(tables["peers"]?.rows, [
    ["`gh auth token`", "", "", "", "", "", "not found"],
  ]);
  assert.deepEqual(readme?.["startup"]?.rows, [
    ["`header`", "1.50 ×", "1.30 ×"],
  ]);
});

Deno.test("startupReport() compares each runtime with its own targets", () => {
  const { targets } = startupReport(STARTUP);
  assert.deepEqual(
    targets?.map(({ what, most, ratio }) => [what, most, ratio]),
    [
      ["`header`, `deno run`", 1.6, 1.5],
      ["`header`, `deno run`: peak memory", 1.1, 1.25],
      ["`header`, compiled", 1.25, 1.3],
    ],
  );
});

Deno.test("startupReport() draws what has a label, and says what is missing", () => {
  const { bars, notes } = startupReport({
    ...STARTUP,
    peaks: new Map(),
    missing: "no runtime",
  });
  assert.deepEqual(
    bars?.map(({ name, group }) => [name, group]),
    [["header", "deno run (2.9.6)"], ["header", "deno compile (2.4.2)"]],
  );
  assert.deepEqual(notes, [
    "Compiled programs: not measured (no runtime).",
    "Memory: not measured (no GNU time; Debian package `time`).",
  ]);
});
