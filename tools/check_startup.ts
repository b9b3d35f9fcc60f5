// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a command that scripts call all the time loads what takes the runtime
 * long to start, or more files than `tools/startup/rows.ts` says. Each is run, and
 * the runtime's coverage names the modules that it loaded: no clock is needed.
 *
 * It needs `--config tests/deno.json`: it reads the code with the TypeScript
 * parser, a package of that.
 */
import { PARTS } from "../src/cli/daily/parts.ts";
import { graphInfo } from "./imports/graph.ts";
import { codeGraph } from "./startup/code_graph.ts";
import { loadedModules, type Run } from "./startup/loaded_modules.ts";
import { type Measured, startupProblems } from "./startup/problems.ts";
import { type Row, ROWS } from "./startup/rows.ts";

const ADVICE = `
Load it when it is needed: by import() in the function that needs it, or by a
computed name (src/cli/daily/parts.ts) if that leads to many files; see
CONTRIBUTING.md, "The gate". If every call needs it, or a number went down,
change tools/startup/rows.ts.`;

/** The whole program, whose packages must be found: else the check sees none. */
const HELP: Run = { args: ["--help"], place: "profile", prints: /^Usage: / };
const PACKAGE = /\/commander\//;

/** What imports every broker's file. */
const PRESET_LIST = "src/providers/preset_list.ts";

const root = new URL("../", import.meta.url);
const entry = "cli.ts";
const parts = Object.keys(PARTS).map((part) => `src/${part}.ts`);
const read = (path: string) => Deno.readTextFileSync(new URL(path, root));

const problems: string[] = [];
const loaded = new Map<Row, readonly string[]>();

async function measureHelp(): Promise<void> {
  const modules = await loadedModules(HELP);
  if (typeof modules === "string") problems.push(`--help ${modules}`);
  else if (!modules.some((path) => PACKAGE.test(path))) {
    problems.push("--help loads no commander: this check sees no packages");
  }
}

async function measure(row: Row): Promise<void> {
  const modules = await loadedModules(row);
  if (typeof modules === "string") problems.push(`${row.name} ${modules}`);
  else loaded.set(row, modules);
}

const waiting = [measureHelp, ...ROWS.map((row) => () => measure(row))]
  .values();
async function work(): Promise<void> {
  for (const next of waiting) await next();
}

const [info] = await Promise.all([
  graphInfo([entry, ...parts]),
  work(),
  work(),
]);
const measured: Measured[] = ROWS.flatMap((row) => {
  const modules = loaded.get(row);
  return modules === undefined ? [] : [{ row, modules }];
});
const graph = codeGraph(info, root.href);
const tableRows = graph.get(PRESET_LIST) ?? [];
problems.push(
  ...startupProblems({ graph, entry, parts, tableRows, read }, measured),
);

if (problems.length > 0) {
  console.error(`${problems.join("\n")}\n${ADVICE}`);
  Deno.exit(1);
}
const loads = measured.map(({ modules }) => modules.length);
console.log(
  `start-up: ${ROWS.length} commands load ${Math.min(...loads)} to ${
    Math.max(...loads)
  } files, none of which starts late`,
);
