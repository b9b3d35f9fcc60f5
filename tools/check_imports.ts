// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a file imports from a higher rank, when imports form a cycle, when
 * src/ contains anything but rooms, when a file uses `console`, `Deno.args`,
 * `Deno.exit` or the environment without permission, or opens files past
 * `src/system/read_text.ts`, and when one has more than 300 lines. The ranks are in `tools/imports/rooms.ts`.
 */
import { entryPoints } from "./entry_points.ts";
import {
  fileProblems,
  openProblems,
  pathProblems,
} from "./imports/file_rules.ts";
import { importGraph } from "./imports/graph.ts";
import {
  circleProblems,
  rankProblems,
  roomProblems,
} from "./imports/import_rules.ts";
import { sourceFiles } from "./source_files.ts";

const root = new URL("../", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, root));
const files = sourceFiles("src");
const graph = await importGraph([...new Set([...entryPoints(), ...files])]);

const problems = [
  ...roomProblems([...Deno.readDirSync(new URL("src/", root))]
    .map(({ name }) => name)),
  ...rankProblems(graph),
  ...circleProblems(graph),
  ...files.flatMap((path) => fileProblems(path, read(path))),
  ...[...files, "cli.ts", "mod.ts"]
    .flatMap((path) => openProblems(path, read(path))),
  ...sourceFiles("src", "tools", "tests", "bench")
    .flatMap((path) => pathProblems(path, read(path))),
];

if (problems.length > 0) {
  console.error(problems.join("\n"));
  Deno.exit(1);
}
console.log(`import rule: ${files.length} files in order`);
