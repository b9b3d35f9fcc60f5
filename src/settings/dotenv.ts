import { readTextIfThere, UnfitFile } from "../system/read_text.ts";
import type { Fail } from "./setting_problem.ts";

/** Gives the `TD_…` variables of `.env` in the working directory. */
export type ReadDotenv = () => Dotenv | Promise<Dotenv>;

/** The `TD_…` variables of `.env`. */
export type Dotenv = Readonly<Record<string, string>>;

/**
 * Reads `.env` in the working directory: its `TD_…` variables and no others.
 *
 * @param fail Throws when it is a pipe, a device or too long.
 * @param onUnreadable Receives why there is such a file and its variables are unknown.
 * @returns The variables; none when there is no such file, or it cannot be read.
 */
export function readDotenv(
  fail: Fail,
  onUnreadable: (cause: unknown) => void,
): Dotenv {
  let text: string;
  try {
    text = readTextIfThere(".env") ?? "";
  } catch (cause) {
    if (!(cause instanceof UnfitFile)) {
      onUnreadable(cause);
    } else if (cause.is !== "directory") {
      // Python's virtual environments are directories of that name.
      fail({ is: "unreadable .env", cause });
    }
    return {};
  }
  if (text.includes("TD_")) return parseDotenv(text);
  if (text.includes("\0")) onUnreadable("it is neither UTF-8 nor UTF-16");
  return {};
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
      .replaceAll(/\r\n?/g, "\n").matchAll(ASSIGNMENT)
  ) {
    const value = double?.replaceAll("\\n", "\n") ?? single ?? back ??
      (open ?? plain).trim();
    if (value === "") delete variables[name];
    else variables[name] = value;
  }
  return variables;
}

/** Whatever a line sets. */
const NAME = /^[ \t]*(?:export[ \t]+)?([^=#\n]{1,200}?)[ \t]*=/gm;

/**
 * Finds lines of `.env` that look like ours and are not read: the name is in
 * quotes, or has characters inside that are not seen.
 *
 * @param text The text of the file.
 * @returns The names in these lines, as they are written.
 */
export function unreadNames(text: string): string[] {
  return [...text.matchAll(NAME)].map(([, name = ""]) => name)
    .filter((name) =>
      !/^\w+$/.test(name) &&
      /^TD_\w+$/.test(name.replace(/[\p{Cf}\p{Zs}"'`]/gu, ""))
    );
}
