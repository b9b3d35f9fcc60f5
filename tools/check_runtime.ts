// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a source outside of `src/system/` names `Deno`: another runtime must
 * only replace that room. The practice broker shares nothing with the client, not
 * even this. Also fails when a room other than the command line imports from
 * `src/system/` what ends the program.
 */
import { fileURLToPath } from "node:url";
import { sourceFiles } from "./source_files.ts";

/** The rooms that name the runtime. */
const ROOMS: readonly string[] = ["src/system/", "src/sandbox/"];
/** The runtime's global in any form; in a string "Deno" is a word. */
const RUNTIME =
  /(?<!["'`.\w])Deno\s*(?:\?\.|\.(?=\s*\w)|\[)|[=(,:?]\s*Deno\s*[;,)\]}]|\bglobalThis\s*(?:\?\.|\.)\s*Deno\b|\bglobalThis\[\s*["'`]Deno\b/g;
/** The modules for the command line only. */
const OWN_PROCESS = /["'][^"']*\/system\/own_process\.ts["']/g;

/**
 * Finds code in a file that belongs into another room.
 *
 * @param path The file's path, from the project's root.
 * @param text The file's text.
 * @returns The problems, a line for each place.
 */
export function misplaced(path: string, text: string): string[] {
  const code = text.replace(
    /\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm,
    (comment) => comment.replace(/[^\n]/g, " "),
  );
  const places = (what: RegExp, why: string) =>
    [...code.matchAll(what)].map(({ index }) =>
      `${path}:${code.slice(0, index).split("\n").length} ${why}`
    );
  return [
    ...(ROOMS.some((room) => path.startsWith(room)) ? [] : places(
      RUNTIME,
      "names Deno: ask src/system/ for it, where other runtimes are put under all",
    )),
    ...(path.startsWith("src/cli/") ? [] : places(
      OWN_PROCESS,
      "uses own_process.ts: only the command line has arguments and ends the program",
    )),
  ];
}

function check(): void {
  const root = new URL("../", import.meta.url);
  const files = sourceFiles("src");
  const problems = files.flatMap((path) =>
    misplaced(path, Deno.readTextFileSync(fileURLToPath(new URL(path, root))))
  );
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    Deno.exit(1);
  }
  console.log(`runtime: ${files.length} files, named by src/system/ alone`);
}

if (import.meta.main) check();
