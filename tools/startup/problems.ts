/** What is wrong with the modules that the daily commands load. */
import { chainTo, type CodeGraph, reached } from "./code_graph.ts";
import { type Costly, costlyCode } from "./costly_code.ts";
import type { Row } from "./rows.ts";

/** A command line that was run. */
export interface Measured {
  readonly row: Pick<Row, "name" | "loads" | "reads">;
  /** What it loaded: paths from the project's root, URLs of packages. */
  readonly modules: readonly string[];
}

/** The project, as far as it does not depend on the command. */
export interface Project {
  /** Its graph. */
  readonly graph: CodeGraph;
  /** The file that is run. */
  readonly entry: string;
  /** What that loads by a computed name, of which the graph does not know. */
  readonly parts: readonly string[];
  /** Files that are rows of a table, which are not counted: a new row changes no number. */
  readonly tableRows: readonly string[];
  /** Reads a file by its path from the project's root. */
  readonly read: (path: string) => string;
}

/**
 * Finds what makes commands start late.
 *
 * @param project The project.
 * @param measured The commands.
 * @returns The problems, a line for each place or number.
 */
export function startupProblems(
  project: Project,
  measured: readonly Measured[],
): string[] {
  return [
    ...costlyProblems(project, measured),
    ...measured.flatMap((one) => numberProblems(project, one)),
  ];
}

/** What one command loaded, as far as its imports tell. */
interface Ways {
  /** Along what was loaded, each file with what imports it. */
  readonly loaded: ReadonlyMap<string, string | undefined>;
  /** The same along every import, run or not. */
  readonly read: ReadonlyMap<string, string | undefined>;
}

/** Follows the imports of a command. */
function waysOf({ graph, entry, parts }: Project, { modules }: Measured): Ways {
  const withParts = new Map(graph).set(entry, [
    ...graph.get(entry) ?? [],
    ...parts.filter((part) => modules.includes(part)),
  ]);
  const ran = new Map(
    [...withParts].map(([path, targets]) => [
      path,
      targets.filter((target) => modules.includes(target)),
    ]),
  );
  return { loaded: reached(ran, [entry]), read: reached(withParts, [entry]) };
}

/** Whether a module is a file of the project. */
function isOwn(path: string): boolean {
  return !path.includes(":");
}

/** What is wrong with a module, whichever command loads it. */
interface Wrong {
  readonly what: string;
  /** The imports that lead to it. @default {they do not tell} */
  readonly chain?: string;
}

/** Finds packages, and code that the runtime is slow to start, each once for all commands. */
function costlyProblems(
  project: Project,
  measured: readonly Measured[],
): string[] {
  const loaded = new Set(measured.flatMap(({ modules }) => modules));
  const costly = new Map(
    [...loaded].filter(isOwn)
      .map((path) => [path, costlyCode(path, project.read(path))]),
  );
  const problems = new Map<string, { chain?: string; names: string[] }>();
  for (const one of measured) {
    for (const { what, ...chain } of costlyModules(project, one, costly)) {
      const { names } = problems.get(what) ?? { names: [] };
      names.push(one.row.name);
      problems.set(what, { ...chain, ...problems.get(what), names });
    }
  }
  return [...problems].map(([what, { chain, names }]) =>
    `${what} (${names.join(", ")}${chain === undefined ? "" : `: ${chain}`})`
  );
}

/** The same for one command. */
function costlyModules(
  project: Project,
  one: Measured,
  costly: ReadonlyMap<string, readonly Costly[]>,
): Wrong[] {
  const { loaded, read } = waysOf(project, one);
  const own = one.modules.filter(isOwn);
  return [
    ...one.modules.filter((path) => !isOwn(path))
      .map((path) => ({ what: `${path} is no file of this project` })),
    ...own.filter((path) => !loaded.has(path)).map((path) => ({
      what:
        `${path} is loaded by a computed name that src/cli/daily/parts.ts lacks`,
    })),
    ...own.flatMap((path) =>
      (costly.get(path) ?? []).map(({ line, what }) => ({
        what: `${path}:${line} ${what}`,
        chain: chainTo(loaded, path),
      }))
    ),
    ...[...read].flatMap(([path, from]) =>
      // What a loaded file imports was found in its text.
      isOwn(path) || from === undefined || loaded.has(from) ? [] : [{
        what: `${from} imports ${path}, read although it does not run`,
        chain: chainTo(read, from),
      }]
    ),
  ];
}

/** Compares the numbers of files with the row's. */
function numberProblems(project: Project, one: Measured): string[] {
  const { row: { name, loads, reads }, modules } = one;
  const { loaded, read } = waysOf(project, one);
  const isCounted = (path: string) =>
    isOwn(path) && !project.tableRows.includes(path);
  const files = modules.filter(isCounted);
  const graph = [...read.keys()].filter(isCounted).sort();
  const idle = graph.filter((path) => !modules.includes(path));
  const list = (paths: readonly string[]) =>
    paths.map((path) =>
      `    ${path} from ${
        loaded.get(path) ?? read.get(path) ?? "the command line"
      }`
    ).join("\n");
  const compare = (
    what: string,
    length: number,
    most: number,
    because: () => string,
  ) => {
    if (length === most) return [];
    const says = `${name} ${what} ${length} files, and its row says ${most}`;
    return [length < most ? `${says}: lower it` : `${says}${because()}`];
  };
  return [
    ...compare("loads", files.length, loads, () => `:\n${list(files)}`),
    ...compare(
      "reads",
      graph.length,
      reads,
      () => `; not loaded, and read all the same:\n${list(idle)}`,
    ),
  ];
}
