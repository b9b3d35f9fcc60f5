import { Command as Parser, Option } from "commander";
import type { Io } from "../terminal/io.ts";
import { terminalColumns } from "../../system/standard_streams.ts";
import type { Given } from "./command.ts";
import {
  type FlagLine,
  flagLines,
  globalFlagLines,
  helpLine,
  written,
} from "./flag_lines.ts";
import {
  argument,
  isBelow,
  type NamedCommand,
  usageOf,
} from "./named_command.ts";
import type { Values } from "./read_flags.ts";
import { PROGRAM } from "./version.ts";

/** What the program is for. */
const DESCRIPTION = "A valid access token for your brokerage account, always.";
const EXAMPLE = "tdauth configure && tdauth login && tdauth status";

/**
 * Builds the parser of the command line.
 *
 * @param io What the commands read and write.
 * @param loaded The commands that it knows.
 * @param given All commands, for those that list them, and the account that they are about.
 * @returns The parser.
 */
export function buildParser(
  io: Io,
  loaded: readonly NamedCommand[],
  given: Pick<Given, "commands" | "account">,
): Parser {
  const parser = new Parser("tdauth");
  const width = () => helpWidth(io);
  const help = helpLine();
  parser
    .description(DESCRIPTION)
    .helpOption(written(help), help.help)
    .configureOutput({
      getOutHelpWidth: width,
      getErrHelpWidth: width,
      writeOut: io.out,
      // report() prints usage errors, like every other error.
      writeErr: () => {},
      outputError: () => {},
    })
    .configureHelp({
      showGlobalOptions: true,
      // Its own help shows its arguments; here is room for its description.
      subcommandTerm: (command) => command.name(),
    })
    .addHelpText("after", `\nExample:\n  ${EXAMPLE}`)
    .exitOverride()
    .showSuggestionAfterError(true);
  for (const line of globalFlagLines()) {
    if (line.long === "--version") {
      parser.version(PROGRAM, line.long, line.help);
    } else addFlag(parser, line);
  }
  const made = new Map<string, Parser>();
  for (const command of loaded) {
    const [word = "", parent = parser] = placeOf(command.name, made);
    const isGroup = loaded.some(({ name }) => isBelow(name, command.name));
    const one = parent.command(word, { hidden: command.hidden === true });
    describe(one, command, isGroup);
    made.set(command.name, one);
    const { start } = command;
    if (start === undefined) continue;
    one.action(async () => {
      const words = one.args;
      await start({ ...given, io, values: valuesOf(one), words });
    });
  }
  parser.addHelpCommand(
    new Parser("help").argument("[command]").helpOption(false)
      .description("Show help for a command.").helpGroup("Maintenance:"),
  );
  return parser;
}

/** A command's own word, and the parser of the command that it belongs to, if any. */
function placeOf(
  name: string,
  made: ReadonlyMap<string, Parser>,
): [string, Parser | undefined] {
  const at = name.lastIndexOf(" ");
  return [name.slice(at + 1), made.get(name.slice(0, Math.max(at, 0)))];
}

function describe(one: Parser, command: NamedCommand, isGroup: boolean): void {
  one.description(command.description)
    .usage(usageOf(command, isGroup))
    .addHelpText("after", `\nExample:\n  ${command.example}`)
    .allowExcessArguments(false);
  if (command.summary !== undefined) one.summary(command.summary);
  if (command.group !== undefined) one.helpGroup(`${command.group}:`);
  if (isGroup) one.helpCommand(false);
  for (const [name, arg] of Object.entries(command.args)) {
    one.argument(argument(name, arg), arg.help);
  }
  for (const line of flagLines(command)) addFlag(one, line);
}

function addFlag(parser: Parser, line: FlagLine): void {
  const option = new Option(written(line), line.help)
    .hideHelp(line.hidden === true);
  parser.addOption(
    line.repeated
      ? option.argParser((text, earlier: readonly string[] = []) => [
        ...earlier,
        text,
      ])
      : option,
  );
}

/** The values of a command's flags and of the program's. */
export function valuesOf(parser: Parser): Values {
  const values = new Map<string, string | boolean | readonly string[]>();
  for (let one: Parser | null = parser; one !== null; one = one.parent) {
    for (const option of one.options) {
      if (option.negate || option.long === undefined) continue;
      values.set(
        option.long,
        one.getOptionValue(option.attributeName()),
      );
    }
  }
  return values;
}

/** The terminal's width; wide lines are hard to read, so 100 at most. */
function helpWidth(io: Io): number {
  if (!io.terminal.out) return 100;
  return Math.min(100, terminalColumns() || 80);
}
