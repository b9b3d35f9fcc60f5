/** Command lines in texts, and whether `tdauth` understands them. */
import { type Command, CommanderError } from "commander";
import { fullAccount } from "../src/cli/account/full_account.ts";
import { COMMANDS } from "../src/cli/commands/table.ts";
import { markCommand } from "../src/cli/grammar/called_command.ts";
import { loadCommands } from "../src/cli/grammar/named_command.ts";
import { buildParser } from "../src/cli/grammar/parser.ts";
import { realIo } from "../src/cli/terminal/io.ts";

/** Names that begin like a command and are none. */
const NAMES = ["tdauth local CA"];

/** A `tdauth …` of a document. */
export interface Shown {
  readonly line: string;
  /** Whether it stands in a sentence, which may name a command without what it takes. */
  readonly named: boolean;
}

/** Each `tdauth …` of a document's shell blocks, then those of its sentences. */
export function commandsIn(text: string): Shown[] {
  const blocks = [
    ...text.matchAll(
      /^```(?:sh|bash|text|crontab|ini|bat|console)\n([^]*?)^```/gm,
    ),
  ].map(([, block = ""]) =>
    block.replaceAll("\\\n", " ").replace(/(^| )#.*$/gm, "$1")
      .replace(/^(note|hint): .*$/gm, "")
  );
  const spans = [
    ...text.replace(/^```[^]*?^```/gm, "").matchAll(/`([^`]+)`/g),
  ].map(([, span = ""]) => span.replaceAll("\n", " "));
  const found = (parts: readonly string[], command: RegExp, named: boolean) =>
    parts.flatMap((part) =>
      [...part.matchAll(command)].map(([, quoted, plain]) => ({
        line: (quoted ?? plain ?? "").trim(),
        named,
      }))
    ).filter(({ line }) => !NAMES.some((name) => line.startsWith(name)));
  return [
    ...found(blocks, COMMAND, false),
    // In a sentence it is a command when it stands where a shell looks for one.
    ...found(
      spans,
      new RegExp(`(?<=^|[|;&(] *)(?:${COMMAND.source})`, "g"),
      true,
    ),
  ];
}

/** The command, whatever directory it is in, up to the quote that it stands in or to what ends a command. */
const COMMAND =
  /(?<!--name +)(?:"(tdauth +[^"\n]+)"|(?<![\w.~/-]|config\/)(?:[\w.%~/-]*\/)?(tdauth +(?:[^"'|;&<>()\n]|"[^"\n]*"|'[^'\n]*')+))/g;

/** The words of a command, as a shell would give them; `…` stands for more. */
export function wordsOf(line: string): string[] {
  const words = [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)]
    .map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
  return words.slice(1).filter((word) => word !== "…");
}

/** What a sentence leaves out. */
const LEFT_OUT = [
  "commander.missingArgument",
  "commander.optionMissingArgument",
  "commander.help", // a group without its command
];

/** Why the command line is not understood; nothing is run. */
export async function misunderstood(
  args: readonly string[],
  named: boolean,
): Promise<string | undefined> {
  const loaded = await loadCommands(COMMANDS);
  const io = {
    ...realIo(args, () => undefined, new AbortController().signal),
    out: () => {},
    err: () => {},
    terminal: { in: false, out: false, err: false },
  };
  const parser = buildParser(io, loaded, {
    commands: COMMANDS,
    account: fullAccount,
  });
  disarm(parser);
  try {
    await parser.parseAsync(markCommand(args, loaded), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // --help ends with 0.
    if (error.exitCode === 0 || (named && LEFT_OUT.includes(error.code))) {
      return undefined;
    }
    return error.message;
  }
}

/** Makes the commands do nothing. */
function disarm(command: Command): void {
  for (const one of command.commands) {
    if (one.commands.length === 0) one.action(() => {});
    disarm(one);
  }
}
