/** What the tests of `tdauth doctor` share. */
import assert from "node:assert/strict";
import { jsonOf } from "./asserts.ts";
import type { Machine, RunOptions } from "./machine.ts";

/** One line of the report. */
export interface Line {
  readonly group: string;
  readonly check: string;
  readonly state: "ok" | "warning" | "failed";
  readonly what: string;
  readonly fix: string | null;
  readonly command: string | null;
}

/** Runs the command and gives its lines; checks that the exit code says whether one failed, that all is said on stdout, and that nothing on disk has changed. */
export async function examined(
  machine: Machine,
  args: readonly string[] = ["--offline"],
  options: RunOptions = {},
): Promise<readonly Line[]> {
  const before = treeOf(machine.home);
  const result = await machine.run(["doctor", "--json", ...args], {
    ...options,
    env: { ...machine.appEnv, ...options.env },
  });
  assert.deepEqual(treeOf(machine.home), before);
  const { checks, ok, failed, warnings } = jsonOf(result) as {
    checks: readonly Line[];
    [key: string]: unknown;
  };
  const count = (state: string) =>
    checks.filter((line) => line.state === state).length;
  assert.equal(result.stderr, "");
  assert.deepEqual(
    [result.code, ok, failed, warnings],
    [
      count("failed") > 0 ? 1 : 0,
      count("failed") === 0,
      count("failed"),
      count("warning"),
    ],
  );
  return checks;
}

/** The one line of a check that is not ok, or its first where all are. */
export function lineOf(lines: readonly Line[], check: string): Line {
  const found = lines.filter((line) => line.check === check);
  const [line, more] = found.filter(({ state }) => state !== "ok");
  assert.equal(more, undefined);
  const one = line ?? found[0];
  assert.ok(one, `no "${check}" in ${JSON.stringify(lines)}`);
  return one;
}

/** Checks what a line says. */
export function assertLine(
  lines: readonly Line[],
  check: string,
  state: Line["state"],
  what: RegExp,
  remedy?: RegExp,
): void {
  const line = lineOf(lines, check);
  assert.equal(line.state, state, JSON.stringify(line));
  assert.match(line.what, what);
  if (remedy) assert.match(`${line.fix ?? ""} ${line.command ?? ""}`, remedy);
  else if (state === "ok") {
    assert.deepEqual([line.fix, line.command], [null, null]);
  }
}

/** Everything on disk: names, kinds, modes, times of change, and contents. */
export function treeOf(path: string): unknown[] {
  return [...Deno.readDirSync(path)].sort((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isFile, isDirectory }) => {
      const file = `${path}/${name}`;
      const { mode, mtime, ctime } = Deno.lstatSync(file);
      const entry = [file, mode, mtime?.getTime(), ctime?.getTime()];
      return isDirectory
        ? [entry, ...treeOf(file)]
        : [isFile ? [...entry, Deno.readTextFileSync(file)] : entry];
    });
}
