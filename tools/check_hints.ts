// deno-lint-ignore-file no-console -- a tool talks to its user
/**
 * Fails when a text in `src` names a command of tdauth in prose. Only the code
 * that prints it knows how tdauth is called here and for which profile, so a
 * command is data: `{ text, command }` in a hint, `nextCommand()` elsewhere. The
 * server that runs is called `tdauth serve`, whatever has started it.
 */
import { fileURLToPath } from "node:url";
import { COMMANDS } from "../src/cli/commands/table.ts";
import { sourceFiles } from "./source_files.ts";

/** The definitions of the commands, and what is generated from them: help, manual, completions. */
const EXEMPT: readonly RegExp[] = [
  /^src\/cli\/grammar\//,
  /\/man_page\.ts$/,
  /\/shell_scripts\.ts$/,
];

/** The same beside the code that runs a command. */
const DEFINITION =
  /\b(?:examples?|help|description|summary)\s*:\s*(?:"[^"\n]*"|'[^'\n]*'|`[^`]*`|\[[^\]]*\])/g;

/**
 * Finds commands in a file's prose.
 *
 * @param path The file's path.
 * @param text The file's text.
 * @param names The commands' names.
 * @returns The problems, a line for each place.
 */
export function prose(
  path: string,
  text: string,
  names: readonly string[],
): string[] {
  if (EXEMPT.some((one) => one.test(path))) return [];
  const blank = (part: string) => part.replace(/[^\n]/g, " ");
  const code = text
    .replace(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*$/gm, blank)
    .replace(DEFINITION, blank);
  const called = names.map((name) => name === "serve" ? "serve(?= --)" : name);
  const named = new RegExp(
    `\\btdauth (?:(?:${called.join("|")}|--\\w+)\\b|\\$\\{(?!VERSION))`,
    "g",
  );
  return [...code.matchAll(named)].map(({ index, 0: said }) => {
    const line = code.slice(0, index).split("\n").length;
    return `${path}:${line} says "${said}": a hint's command is data, { text, command: [...] }; elsewhere use nextCommand()`;
  });
}

function check(): void {
  const root = new URL("../", import.meta.url);
  const names = Object.keys(COMMANDS);
  const files = sourceFiles("src");
  const problems = files.flatMap((path) =>
    prose(
      path,
      Deno.readTextFileSync(fileURLToPath(new URL(path, root))),
      names,
    )
  );
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    Deno.exit(1);
  }
  console.log(
    `hints: ${files.length} files name none of ${names.length} commands in prose`,
  );
}

if (import.meta.main) check();
