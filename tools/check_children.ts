// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a test, a tool or a benchmark starts Deno without `tools/deno.ts`:
 * such a child would download missing packages, which passes where they are
 * cached and fails on a fresh machine.
 */
import { fileURLToPath } from "node:url";
import { sourceFiles } from "./source_files.ts";

/** Code that starts Deno, outside of a comment. */
const STARTS: readonly RegExp[] = [
  /\bexecPath\(/,
  // Words of a command, and a command as one line.
  /(?<!\bdeno(?:Line|Process)?\(\s*(?:\[\s*)?)["'](?:run|test)["'],\s*(?:["'`]-|\.\.\.)/,
  /(?<!deno |-)\b(?:run|test) -(?:A|-allow)/,
  /\bCommand\(\s*["'`]deno["'`]/,
];

/**
 * Finds children in a file that could download something.
 *
 * @param path The file's path.
 * @param text The file's text.
 * @returns The problems, a line for each place.
 */
export function careless(path: string, text: string): string[] {
  const code = text.replace(
    /\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm,
    (comment) => comment.replace(/[^\n]/g, " "),
  );
  return STARTS.flatMap((start) =>
    [...code.matchAll(new RegExp(start, "g"))].map(({ index }) => {
      const line = code.slice(0, index).split("\n").length;
      return `${path}:${line} starts Deno by itself: use deno(), denoLine() or denoProcess() of tools/deno.ts, whose children fetch nothing`;
    })
  );
}

/** One file names Deno itself, another one a Deno of another version, a third what downloads from the test's own registries, and these two describe the rule. */
const EXEMPT: readonly string[] = [
  "tools/deno.ts",
  "tools/check_children.ts",
  "tests/install/check_children_test.ts",
  "tests/processes/deno_2_4.ts",
  "tests/package/registries.ts",
];

function check(): void {
  const root = new URL("../", import.meta.url);
  const files = sourceFiles("tests", "tools", "bench")
    .filter((path) => !EXEMPT.includes(path));
  const problems = files.flatMap((path) =>
    careless(path, Deno.readTextFileSync(fileURLToPath(new URL(path, root))))
  );
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    Deno.exit(1);
  }
  console.log(`children: ${files.length} files start none that could fetch`);
}

if (import.meta.main) check();
