import { type Command as Parser, CommanderError } from "commander";
import { COMMANDS } from "./commands/table.ts";
import { fullAccount } from "./account/full_account.ts";
import { calledCommand, markCommand } from "./grammar/called_command.ts";
import { outside } from "./grammar/command.ts";
import { GLOBAL_FLAGS } from "./grammar/global_flags.ts";
import { loadCommands, loadOutline } from "./grammar/named_command.ts";
import { buildParser, valuesOf } from "./grammar/parser.ts";
import type { Values } from "./grammar/read_flags.ts";
import { EXIT, ExitWith } from "./terminal/exit_code.ts";
import type { Io } from "./terminal/io.ts";
import { onScreen } from "./terminal/style.ts";
import { report } from "./terminal/report.ts";
import type { HintInput } from "../base/hint.ts";
import { TdauthError } from "../base/errors.ts";
import { isBrokenPipe } from "../system/system_error.ts";

/**
 * Runs the `tdauth` command.
 *
 * @param world The arguments, the environment and the outputs.
 * @returns The exit code.
 */
export async function run(world: Io): Promise<number> {
  let answered = false;
  const io: Io = {
    ...world,
    out: (text) => {
      answered = true;
      quietly(() => world.out(world.terminal.out ? onScreen(text) : text));
    },
    outBytes: (bytes) => {
      answered = true;
      return world.outBytes(bytes);
    },
    err: (text) => quietly(() => world.err(onScreen(text))),
    hiddenLine: (prompt) => world.hiddenLine(onScreen(prompt)),
  };
  const given = { commands: COMMANDS, account: fullAccount };
  let parser: Parser | undefined;
  const failed = (error: unknown) => {
    const values = parser === undefined ? asTyped(io.args) : valuesOf(parser);
    const command = outside({ ...given, io, values, words: [] });
    return report(command, error, answered);
  };
  try {
    const called = calledCommand(io.args, COMMANDS);
    const loaded = await (called === undefined
      ? loadOutline(COMMANDS)
      : loadCommands(COMMANDS, called));
    parser = buildParser(io, loaded, given);
    if (io.args.length === 0) {
      parser.help(); // without arguments: show the help
    }
    await parser.parseAsync(markCommand(io.args, loaded), { from: "user" });
    return EXIT.done;
  } catch (error) {
    if (error instanceof ExitWith) {
      if (error.error !== undefined) failed(error.error);
      return error.code;
    }
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done; // --help and --version have printed theirs
      return failed(usageError(error, io.args));
    }
    return failed(error);
  } finally {
    io.endPasting();
  }
}

/** The global flags, found without a parser, which needs the definitions. */
function asTyped(args: readonly string[]): Values {
  return new Map(
    Object.values(GLOBAL_FLAGS).map(({ flag }) => [flag, args.includes(flag)]),
  );
}

/** A reader that stops early, such as `head`, is not a failure: the command ends as usual. */
function quietly(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!isBrokenPipe(error)) throw error;
  }
}

/** Converts a parser error to a `TdauthError`. */
function usageError(
  error: CommanderError,
  args: readonly string[],
): TdauthError {
  // For these two the parser has no message: it shows the help and fails.
  const message = error.code !== "commander.help"
    ? error.message
    : args[0] === "help"
    ? `unknown command '${args[1]}'`
    : "no command specified";
  const [what = "", ...more] = message.replace(/^error: /, "")
    .replace(
      /^too many arguments for '(.*)'\. Expected (\d+) .*?: (.*)\.$/,
      (_, name, expected, given: string) =>
        `'${name}' takes no '${
          given.split(", ").slice(Number(expected)).join(", ")
        }'`,
    )
    .split("\n");
  const suggestion = more.join(" ").replace(/[()]/g, "").trim();
  return new TdauthError(
    "invalid_options",
    `Cannot understand the command: ${what}`,
    {
      hint: suggestion === ""
        ? /--consumer-secret/.test(what)
          ? {
            text: "secrets cannot be flags: set TD_CONSUMER_SECRET, or run",
            command: ["configure"],
          }
          : helpFor(args)
        : suggestion.replace(/^Did you/, "did you"),
    },
  );
}

/** The hint to the help of the command, or of the program. */
function helpFor(args: readonly string[]): HintInput {
  const name = args.find((word) => Object.hasOwn(COMMANDS, word));
  return name === undefined || args[0] === "help"
    ? { text: "see", command: ["--help"] }
    : { text: "see", command: [name, "--help"] };
}
