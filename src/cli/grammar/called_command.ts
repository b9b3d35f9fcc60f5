import type { Commands } from "./command.ts";
import { type FlagLine, flagLines, globalFlagLines } from "./flag_lines.ts";
import type { NamedCommand } from "./named_command.ts";

/**
 * Finds which command a command line calls or wants help for, before it is parsed.
 *
 * @param args The arguments.
 * @param commands The table.
 * @returns The first word of its name; nothing where there is none, or no such command.
 */
export function calledCommand(
  args: readonly string[],
  commands: Commands,
): string | undefined {
  const flags = globalFlagLines();
  let at = firstWord(args, 0, flags);
  if (args[at] === "help") at = firstWord(args, at + 1, flags);
  const word = args[at];
  return word !== undefined && Object.hasOwn(commands, word) ? word : undefined;
}

/**
 * Puts `--` before the command that a command runs, as `tdauth exec` does, so
 * that the flags after it are that command's own. The parser supports this only in a mode in which no command accepts the global
 * flags.
 *
 * @param args The arguments.
 * @param loaded The commands that they may call.
 * @returns The arguments to parse.
 */
export function markCommand(
  args: readonly string[],
  loaded: readonly NamedCommand[],
): string[] {
  const global = globalFlagLines();
  const called = firstWord(args, 0, global);
  const command = loaded.find(({ name }) => name === args[called]);
  if (
    command === undefined || Object.values(command.args)[0]?.kind !== "command"
  ) return [...args];
  const at = firstWord(args, called + 1, [...global, ...flagLines(command)]);
  return at < args.length
    ? [...args.slice(0, at), "--", ...args.slice(at)]
    : [...args];
}

/** The place of the first word that is neither a flag nor its value; the end where there is none before `--`. */
function firstWord(
  args: readonly string[],
  from: number,
  flags: readonly FlagLine[],
): number {
  for (let at = from; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") break;
    const flag = flags.find(({ long, short }) =>
      long === word || short === word
    );
    if (flag?.value !== undefined) at++;
    else if (!word.startsWith("-")) return at;
  }
  return args.length;
}
