// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a test, a tool or a benchmark starts Deno otherwise than by
 * `tools/deno.ts`: such a child would fetch what it does not find, which passes
 * where the packages are and fails on a fresh machine.
 */
import { fileURLToPath } from "node:url";
import { sourceFiles } from "./source_files.ts";

/** What starts Deno, outside of a comment. */
const STARTS: readonly RegExp[] = [
  /\bexecPath\(/,
  // Words of a command, and a command as one line.
  /(?<!\bdeno(?:Line|Process)?\(\s*(?:\[\s*)?)["'](?:run|test)["'],\s*(?:["'`]-|\.\.\.)/,
  /(?<!deno |-)\b(?:run|test) -(?:A|-allow)/,
  /\bCommand\(\s*["'`]deno["'`]/,
];

/**
 * Looks through a file for children that could fetch something.
 *
 * @param path What the file is called.
 * @param text The file.
 * @returns What is wrong with it: a line for each place.
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

/** Deno itself is named by one file, a Deno of another version by another, and these two tell of the rule. */
const EXEMPT: readonly string[] = [
  "tools/deno.ts",
  "tools/check_children.ts",
  "tests/install/check_children_test.ts",
  "tests/processes/deno_2_4.ts",
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
