/** What the gate checks: one table. */
import { entryPoints } from "../entry_points.ts";

/** One check of the gate. */
export interface Check {
  /** What `deno task ok NAME` calls it. */
  readonly name: string;
  /** The command that repeats it, its words separated by single blanks. */
  readonly command: string;
}

const ENTRIES = entryPoints().join(" ");

/** Those that take longest come first, so that the others run beside them. */
export const CHECKS: readonly Check[] = [
  // What ships, without the packages that only tests and tools use.
  { name: "types", command: `deno check ${ENTRIES} src examples` },
  {
    name: "all-types",
    command: "deno check --config tests/deno.json --doc .",
  },
  { name: "errors", command: "deno task errors" },
  {
    name: "startup",
    command: "deno run -A --config tests/deno.json tools/check_startup.ts",
  },
  { name: "imports", command: "deno run -A tools/check_imports.ts" },
  { name: "publish", command: "deno publish --dry-run --allow-dirty" },
  { name: "docs", command: `deno doc --lint ${ENTRIES}` },
  { name: "manual", command: "deno run -A tools/man.ts" },

  { name: "words", command: "deno task words" },
  { name: "runtime", command: "deno run -A tools/check_runtime.ts" },
  { name: "hints", command: "deno run -A tools/check_hints.ts" },
  { name: "brokers", command: "deno run -A tools/check_broker_names.ts" },
  { name: "tables", command: "deno run -A tools/check_tables.ts" },
  { name: "lint", command: "deno lint" },
  { name: "shared", command: "deno run -A tools/check_shared.ts" },
  { name: "children", command: "deno run -A tools/check_children.ts" },
  { name: "dependencies", command: "deno run -A tools/check_dependencies.ts" },
  { name: "format", command: "deno fmt --check" },
];
