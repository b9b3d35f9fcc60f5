/** What a file of src/ may do and how long it may be. */

const LONGEST = 300;
/** Who may talk to the user and end the program. */
const TALKERS = /^src\/(cli\/|system\/own_process\.ts$)/;
/** Who reads the environment for all. */
const READERS = /^src\/system\/environment\.ts$/;
const TALKS =
  /\bconsole\.|\bDeno\.(args|exit)\b|[^.\w](prompt|confirm|alert)\(/;

/**
 * Finds a file that uses `console`, `Deno.args`, `Deno.exit` or the environment
 * and may not, and one that has grown too long.
 *
 * @param path The path from the project's root.
 * @param text The file.
 * @returns What is wrong, a line each.
 */
export function fileProblems(path: string, text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  const problems: string[] = [];
  const lines = text.split("\n").length;
  if (lines > LONGEST) problems.push(`${path} has ${lines} lines: split it`);
  if (!TALKERS.test(path) && TALKS.test(code)) {
    problems.push(
      `${path} talks to the user or ends the program: only the command line may`,
    );
  }
  if (!READERS.test(path) && /\bDeno\.env\b|\bprocess\.env\b/.test(code)) {
    problems.push(
      `${path} reads the environment: only src/system/environment.ts may`,
    );
  }
  return problems;
}

/** Who opens files: each looks first whether it is one. */
const OPENERS =
  /^src\/(?:sandbox\/|system\/(?:read_text|read_file|files|file_lock|lock_state|output_file)\.ts$)/;

/**
 * Finds a file that reads others past `src/system/read_text.ts`: a pipe would
 * block it, and a device has no end.
 *
 * @param path The path from the project's root.
 * @param text The file.
 * @returns What is wrong, a line each.
 */
export function openProblems(path: string, text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
  return !OPENERS.test(path) &&
      /\bDeno\.(?:readFile|readTextFile|open)(?:Sync)?\b/.test(code)
    ? [`${path} opens a file: read it with src/system/read_text.ts`]
    : [];
}

/**
 * Finds a URL's path that is used as a file's, which is wrong on Windows and
 * where a path has spaces.
 *
 * @param path The path from the project's root.
 * @param text The file.
 * @returns What is wrong, a line each.
 */
export function pathProblems(path: string, text: string): string[] {
  return /import\.meta\.url\)\.pathname/.test(text)
    ? [`${path} takes a URL's path for a file's: use fileURLToPath()`]
    : [];
}
