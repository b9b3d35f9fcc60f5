import type { Command as Parser } from "commander";
import type { Command, GlobalFlags } from "../account/prepare_command.ts";
import type { Io } from "../terminal/io.ts";

/** What the definitions of commands are made with. */
export interface Define {
  /** Adds a command with what it does, as a sentence, and one real example; `parent` is the program, or the command that it belongs to. */
  readonly add: (
    name: string,
    description: string,
    example: string,
    parent?: Parser,
  ) => Parser;
  /** Adds a command that programs call, which no help and no suggestion shows. */
  readonly hidden: (name: string) => Parser;
  /** Makes an action that loads its code only when the command is called. */
  readonly runs: <F extends GlobalFlags>(
    load: () => Promise<(command: Command<F>) => Promise<void>>,
  ) => (...args: unknown[]) => Promise<void>;
  /** Adds the flags that say which app it is. */
  readonly appKey: (command: Parser) => Parser;
  /** Adds all the flags that describe the app. */
  readonly app: (command: Parser) => Parser;
}

/**
 * Makes the functions that define commands.
 *
 * @param parser The program, which the commands are added to.
 * @param io What the commands read and write.
 * @returns The functions.
 */
export function definer(parser: Parser, io: Io): Define {
  const appKey = (command: Parser) =>
    command
      .option(
        "--consumer-key <key>",
        "the app's key, its OAuth client id (TD_CONSUMER_KEY)",
      )
      .option(
        "--callback-url <url>",
        "the callback URL as registered, letter for letter (TD_CALLBACK_URL)",
      );
  return {
    add: (name, description, example, parent = parser) =>
      parent.command(name)
        .description(description)
        .addHelpText("after", `\nExample:\n  ${example}`)
        .allowExcessArguments(false),
    hidden: (name) => parser.command(name, { hidden: true }),
    runs: (load) => async (...called) => {
      const command = called.at(-1) as Parser; // after its arguments and its flags
      const run = await load();
      await run({
        io,
        flags: command.optsWithGlobals(),
        args: command.args,
      });
    },
    appKey,
    app: (command) =>
      appKey(command)
        .option("--scope <scope>", "the scope to ask for (TD_SCOPE)")
        .option(
          "--sandbox <url>",
          "use the practice broker at this URL (TD_SANDBOX)",
        )
        .option(
          "--cert-file <file>",
          "a TLS certificate of your own for an https callback (TD_CERT_FILE)",
        )
        .option("--key-file <file>", "its private key (TD_KEY_FILE)"),
  };
}
