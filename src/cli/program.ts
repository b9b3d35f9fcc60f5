import { Command as Parser, CommanderError } from "commander";
import denoJson from "../../deno.json" with { type: "json" };
import type { GlobalFlags } from "./command_context.ts";
import {
  isVerbose,
  ofProfile,
  wantsJson,
  writeJson,
} from "./command_context.ts";
import { EXIT, exitCode } from "./exit_code.ts";
import type { Io } from "./io.ts";
import { styleOf } from "./style.ts";
import { TdauthError } from "../errors.ts";

/** The program's name and version, of which `deno.json` has the one copy. */
export const VERSION: string = denoJson.version;

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
      world.out(text);
    },
  };
  const parser = build(io);
  const failed = (error: unknown) => report(io, parser.opts(), error, answered);
  try {
    if (io.args.length === 0) parser.help(); // asked for nothing: show what there is
    await parser.parseAsync([...io.args], { from: "user" });
    return EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.done; // --help and --version have said what they had to
      return failed(usageError(error, io.args));
    }
    return failed(error);
  }
}

function build(io: Io): Parser {
  const parser = new Parser("tdauth");
  const columns = { getOutHelpWidth: () => 100, getErrHelpWidth: () => 100 };
  parser
    .description("A valid access token for your brokerage account, always.")
    .version(`tdauth ${VERSION}`, "--version", "print the version")
    .helpOption("-h, --help", "show help for a command")
    .helpCommand("help [command]", "show help for a command")
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
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      "after",
      "\nExample:\n  tdauth configure && tdauth login && tdauth status",
    )
    .exitOverride()
    .showSuggestionAfterError(true);

  const add = (name: string, description: string, example: string) =>
    parser.command(name).description(description).addHelpText(
      "after",
      `\nExample:\n  ${example}`,
    )
      .allowExcessArguments(false);
  const runs = <F extends GlobalFlags>(
    load: () => Promise<(command: { io: Io; flags: F }) => Promise<void>>,
  ) =>
  async (_flags: unknown, command: Parser): Promise<void> => {
    await (await load())({ io, flags: command.optsWithGlobals() as F });
  };
  const key = (command: Parser) =>
    command
      .option(
        "--consumer-key <key>",
        "the app's key, its OAuth client id (TD_CONSUMER_KEY)",
      )
      .option(
        "--callback-url <url>",
        "the callback URL as registered, letter for letter (TD_CALLBACK_URL)",
      );
  const app = (command: Parser) =>
    key(command)
      .option("--scope <scope>", "the scope to ask for (TD_SCOPE)")
      .option(
        "--sandbox <url>",
        "use the practice broker at this URL (TD_SANDBOX)",
      )
      .option(
        "--cert-file <file>",
        "a TLS certificate of your own for an https callback (TD_CERT_FILE)",
      )
      .option("--key-file <file>", "its private key (TD_KEY_FILE)");

  app(
    add(
      "configure",
      "Ask for the app's settings and keep them.",
      "tdauth configure --provider schwab",
    ),
  )
    .action(
      runs(async () => (await import("./configure.ts")).configureCommand),
    );
  app(
    add(
      "login",
      "Log in with your browser and store the tokens.",
      "tdauth login --if-older 5d",
    ),
  )
    .option("--no-browser", "only print the page's URL")
    .option("--browser <cmd>", "open the page with this command (BROWSER)")
    .option(
      "--timeout <duration>",
      "how long to wait for the login, like 90s or 10m (default: 5m)",
    )
    .option(
      "--force",
      "log in even when another login has just been made, and end its tokens",
    )
    .option(
      "--if-older <duration>",
      "do nothing when the last login is younger, like 5d",
    )
    .action(runs(async () => (await import("./login.ts")).loginCommand));
  add(
    "token",
    "Print a valid access token and nothing else; never opens a browser.",
    'curl -H "Authorization: Bearer $(tdauth token)" https://api.schwabapi.com/trader/v1/accounts',
  )
    .option(
      "--min-valid <duration>",
      "refresh when less than this is left, like 5m (default: 60s)",
    )
    .action(runs(async () => (await import("./token.ts")).tokenCommand));
  add(
    "status",
    "Show the tokens' state and when the next login is due.",
    "tdauth status --fail-within 24h",
  )
    .option(
      "--fail-within <duration>",
      "exit with 3 when a login is needed within this time, like 24h",
    )
    .action(runs(async () => (await import("./status.ts")).statusCommand));
  add("refresh", "Get a new access token now.", "tdauth refresh --profile work")
    .action(runs(async () => (await import("./refresh.ts")).refreshCommand));
  add(
    "logout",
    "Revoke the tokens where the broker can, and forget them.",
    "tdauth logout --all",
  )
    .option("--all", "log out of every profile")
    .action(runs(async () => (await import("./logout.ts")).logoutCommand));
  key(
    add(
      "sandbox",
      "Run a practice broker on this machine until Ctrl-C.",
      "tdauth sandbox --provider tdameritrade",
    ),
  )
    .option("--port <port>", "the port to listen on; 0 is any (default: 4280)")
    .option(
      "--approve <url>",
      "log in at a running practice broker as its test user would",
    )
    .action(runs(async () => (await import("./sandbox.ts")).sandboxCommand));
  return parser;
}

/** An error of the command line's grammar in the words of all other errors. */
function usageError(
  error: CommanderError,
  args: readonly string[],
): TdauthError {
  // The parser has no words for these two: it shows the help and fails.
  const message = error.code !== "commander.help"
    ? error.message
    : args[0] === "help"
    ? `unknown command '${args[1]}'`
    : "no command is given";
  const [what = "", ...more] = message.replace(/^error: /, "")
    .replace(
      /^too many arguments for '(.*)'\. .*: (.*)\.$/,
      "'$1' takes no '$2'",
    )
    .split("\n");
  const suggestion = more.join(" ").replace(/[()]/g, "").trim();
  return new TdauthError(
    "invalid_options",
    `Cannot understand the command: ${what}`,
    {
      hint: suggestion === ""
        ? /--consumer-secret/.test(what)
          ? "a secret is never a flag: set TD_CONSUMER_SECRET, or run tdauth configure"
          : "see tdauth --help"
        : suggestion.replace(/^Did you/, "did you"),
    },
  );
}

/**
 * One line that says what could not be done and why, and one that says what to do.
 * With `--json` the same on stdout, unless the answer is there already: it is one value.
 */
function report(
  io: Io,
  flags: GlobalFlags,
  error: unknown,
  answered: boolean,
): number {
  const command = { io, flags };
  const { red, bold, dim } = styleOf(io, "err", wantsJson(command));
  const known = error instanceof TdauthError;
  const message = error instanceof Error ? error.message : String(error);
  const hint = hintFor(command, error);
  const line = known || message.startsWith("Cannot ")
    ? message.charAt(0).toLowerCase() + message.slice(1)
    : `cannot go on: ${message}`;
  io.err(`${red("tdauth:")} ${line}\n`);
  if (hint !== undefined) io.err(`${bold("hint:")} ${hint}\n`);
  if (isVerbose(command)) {
    for (
      let cause = error instanceof Error ? error.cause : undefined;
      cause instanceof Error;
      cause = cause.cause
    ) {
      io.err(dim(`cause: ${cause.name}: ${cause.message}\n`));
    }
    if (!known && error instanceof Error && error.stack !== undefined) {
      io.err(dim(`${error.stack}\n`));
    }
  }
  if (wantsJson(command) && !answered) {
    writeJson(io, {
      error: {
        code: known ? error.code : "unexpected",
        message,
        hint: hint ?? null,
      },
    });
  }
  return exitCode(error);
}

function hintFor(
  command: { io: Io; flags: GlobalFlags },
  error: unknown,
): string | undefined {
  if (error instanceof TdauthError) {
    return error.hint === undefined
      ? undefined
      : ofProfile(command, error.hint);
  }
  return isVerbose(command)
    ? undefined
    : "run it again with --verbose for the causes";
}
