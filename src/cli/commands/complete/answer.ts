import type { Env } from "../../../system/environment.ts";
import { complete } from "./complete.ts";
import { COMPLETION_DATA } from "./completion_data.ts";

/**
 * Answers `tdauth complete` as the scripts of the shells call it, without the
 * table of commands and the parser.
 *
 * @param args The arguments after `complete`, as on the command line.
 * @param env The environment, for the names of profiles.
 * @returns What to print, or `undefined` when the parser must read the arguments.
 */
export async function answerTab(
  args: readonly string[],
  env: Env,
): Promise<string | undefined> {
  // Whatever follows this is a word for the parser, too.
  return args[0] === "--" ? await answerWords(args.slice(1), env) : undefined;
}

/**
 * Answers the shell at a Tab: a line for each word, a tab and its description,
 * and a last line that says what else the shell may offer. It reads at most the
 * settings, sends nothing, and fails silently: the user is in the middle of a
 * line.
 *
 * @param words The words from `tdauth` to the cursor, without it; the last is the one at the cursor, as typed so far.
 * @param env The environment, for the names of profiles.
 * @returns What to print.
 */
export async function answerWords(
  words: readonly string[],
  env: Env,
): Promise<string> {
  try {
    const { candidates, more = "nothing" } = await complete(
      COMPLETION_DATA,
      words,
      env,
    );
    return [
      ...candidates.map(({ value, description }) => `${value}\t${description}`),
      typeof more === "string" ? `:${more}` : `:command ${more.at}`,
      "",
    ].join("\n");
  } catch {
    return ":nothing\n";
  }
}
