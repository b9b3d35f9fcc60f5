import { Command as Parser } from "commander";
import denoJson from "../../../deno.json" with { type: "json" };
import type { Io } from "../terminal/io.ts";
import { terminalColumns } from "../../system/standard_streams.ts";
import { accountCommands } from "./account.ts";
import { definer } from "./define.ts";
import { requestCommands } from "./requests.ts";
import { tokenFileCommands } from "./token_files.ts";
import { upkeepCommands } from "./upkeep.ts";

/** The program's version, of which `deno.json` has the one copy. */
export const VERSION: string = denoJson.version;

/**
 * Makes the parser of the command line, with every command.
 *
 * @param io What the commands read and write.
 * @returns The parser.
 */
export function buildParser(io: Io): Parser {
  const parser = new Parser("tdauth");
  const width = () => helpWidth(io);
  const columns = { getOutHelpWidth: width, getErrHelpWidth: width };
  parser
    .description("A valid access token for your brokerage account, always.")
    .version(`tdauth ${VERSION}`, "--version", "print the version")
    .helpOption("-h, --help", "show help for a command")
    .option(
      "--profile <name>",
      "which set of settings and tokens to use (TD_PROFILE; default: default)",
    )
    .option(
      "--provider <name|issuer>",
      "schwab, tdameritrade or an issuer's URL (TD_PROVIDER)",
    )
    .option(
      "--config-dir <dir>",
      "where settings and tokens are (TD_CONFIG_DIR)",
    )
    .option("--json", "print one JSON value on stdout (TD_JSON)")
    .option("--verbose", "tell the causes of errors (TD_VERBOSE)")
    .configureOutput({
      ...columns,
      writeOut: io.out,
      // What is wrong is told by report(), as every other error is.
      writeErr: () => {},
      outputError: () => {},
    })
    .configureHelp({
      showGlobalOptions: true,
      // What it takes, its own help says: here is room for what it does.
      subcommandTerm: (command) => command.name(),
    })
    .addHelpText(
      "after",
      "\nExample:\n  tdauth configure && tdauth login && tdauth status",
    )
    .exitOverride()
    .showSuggestionAfterError(true);

  const define = definer(parser, io);
  parser.commandsGroup("Tokens:");
  accountCommands(define);
  parser.commandsGroup("Use the token:");
  requestCommands(define);
  parser.commandsGroup("Other programs:");
  tokenFileCommands(define);
  parser.commandsGroup("Upkeep:");
  upkeepCommands(define);
  parser.addHelpCommand(
    new Parser("help").argument("[command]").helpOption(false)
      .description("Show help for a command.").helpGroup("Upkeep:"),
  );
  return parser;
}

/** The terminal's width; wide lines are hard to read, so 100 at most. */
function helpWidth(io: Io): number {
  if (!io.terminal.out) return 100;
  return Math.min(100, terminalColumns() || 80);
}
