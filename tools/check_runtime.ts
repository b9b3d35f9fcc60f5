// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a source outside of `src/system/` names `Deno`: another runtime is
 * to be put under that one room. The practice broker shares nothing with the
 * client, not even this. Also fails when another room than the command line takes
 * from `src/system/` what ends the program.
 */
import { fileURLToPath } from "node:url";
import { sourceFiles } from "./source_files.ts";

/** The rooms that name the runtime. */
const ROOMS: readonly string[] = ["src/system/", "src/sandbox/"];
/** The runtime's global, however it is reached; in a text "Deno" is a word. */
const RUNTIME =
  /(?<!["'`.\w])Deno\s*(?:\?\.|\.(?=\s*\w)|\[)|[=(,:?]\s*Deno\s*[;,)\]}]|\bglobalThis\s*(?:\?\.|\.)\s*Deno\b|\bglobalThis\[\s*["'`]Deno\b/g;
/** What only the command line may use. */
const OWN_PROCESS = /["'][^"']*\/system\/own_process\.ts["']/g;

/**
 * Looks through a file for what belongs into another room.
 *
 * @param path What the file is called, from the project's root.
 * @param text The file.
 * @returns What is wrong with it: a line for each place.
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
