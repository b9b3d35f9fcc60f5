import { readTextFile, UnfitFile } from "../system/read_text.ts";
import type { Fail } from "./setting_problem.ts";

/** Gives the `TD_…` variables of `.env` in the working directory. */
export type ReadDotenv = () => Dotenv | Promise<Dotenv>;

/** The `TD_…` variables of `.env`. */
export type Dotenv = Readonly<Record<string, string>>;

/**
 * Reads `.env` in the working directory: its `TD_…` variables and no others.
 *
 * @param fail Throws when it is a pipe, a device or too long.
 * @returns The variables; none when there is no such file or no permission to read it.
 */
export function readDotenv(fail: Fail): Dotenv {
  let text = "";
  try {
    text = readTextFile(".env");
  } catch (cause) {
    // Absent, not for this script to read, or a directory: Python's environments have the name, too.
    if (cause instanceof UnfitFile && cause.is !== "directory") {
      fail({ is: "unreadable .env", cause });
    }
  }
  return text.includes("TD_") ? parseDotenv(text) : {};
}

/** One assignment: a name, and a value in quotes, which may span lines, or up to the end of its line; a quote that is not closed is part of it. */
const ASSIGNMENT =
  /^[ \t]*(?:export[ \t]+)?(TD_\w+)[ \t]*=[ \t]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`|(["'`][^\n]*)|([^\n#]*))/gm;

/**
 * Finds the `TD_…` variables in a text as Node reads it. The runtime's own
 * `parseEnv` is not in every Deno that this module runs on, and starting it takes
 * longer than everything else on the way to a cached token.
 *
 * @param text The text of a `.env` file.
 * @returns The variables that are not empty; of one that comes twice the last.
 */
export function parseDotenv(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (
    const [, name = "", double, single, back, open, plain = ""] of text
      .replace(/^\uFEFF/, "") // which Windows editors leave behind
      .replaceAll(
        /\r\n?/g,
        "\n",
      ).matchAll(ASSIGNMENT)
  ) {
    const value = double?.replaceAll("\\n", "\n") ?? single ?? back ??
      (open ?? plain).trim();
    if (value === "") delete variables[name];
    else variables[name] = value;
  }
  return variables;
}
