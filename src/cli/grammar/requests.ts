import type { Command as Parser } from "commander";
import type { Define } from "./define.ts";

const MIN_VALID = [
  "--min-valid <duration>",
  "refresh when less than this is left, like 5m (default: 60s)",
] as const;

/** The commands that hand the token to something else. */
export function requestCommands({ add, runs }: Define): void {
  add(
    "token",
    "Print a valid access token and nothing else; never opens a browser.",
    'ACCESS_TOKEN="$(tdauth token)"',
  )
    .summary("Print a valid access token and nothing else.")
    .option(...MIN_VALID)
    .action(
      runs(async () =>
        (await import("../account/stored_token.ts")).tokenCommand
      ),
    );
  add(
    "header",
    "Print the Authorization header, for programs that read headers.",
    "tdauth header | curl -H @- https://api.schwabapi.com/trader/v1/accounts",
  )
    .summary("Print the Authorization header, as for curl -H @-.")
    .option(...MIN_VALID)
    .action(
      runs(async () =>
        (await import("../account/stored_token.ts")).headerCommand
      ),
    );
  add(
    "exec",
    "Run a command with the token in TD_ACCESS_TOKEN, and exit with its code.",
    "tdauth exec --min-valid 10m -- python3 report.py --daily",
  )
    .summary("Run a command with the token in TD_ACCESS_TOKEN.")
    .usage("[options] -- <command> [arguments...]")
    .argument("<command>", "the command to run")
    .argument("[arguments...]", "its own arguments and flags")
    .option(...MIN_VALID)
    .action(
      runs(async () => (await import("../commands/exec/exec.ts")).execCommand),
    );
  add(
    "fetch",
    "Send a request to the broker's API and print the answer's body.",
    "tdauth fetch '/marketdata/v1/quotes?symbols=AAPL' --output quotes.json",
  )
    .summary("Send a request to the broker's API.")
    .argument("<url|path>", "a URL of the API, or a path on it")
    .option("-X, --method <method>", "the method (default: GET; POST with -d)")
    .option(
      "-H, --header <header>",
      "a header, like 'Accept: application/json'; may be given again",
      (header: string, earlier: string[] = []) => [...earlier, header],
    )
    .option(
      "-d, --data <data>",
      "a body: text, @FILE or @- for stdin; JSON if it is JSON, else a form",
    )
    .option("-i, --include", "print the answer's status and headers first")
    .option(
      "-o, --output <file>",
      "write the body of a successful answer to this file",
    )
    .option(
      "--timeout <duration>",
      "how long to wait for more of the answer (default: 60s)",
    )
    .option(...MIN_VALID)
    .action(
      runs(async () =>
        (await import("../commands/fetch/fetch.ts")).fetchCommand
      ),
    );
}

/**
 * Puts `--` before the command of `tdauth exec`, so that the flags after it are
 * that command's own. The parser has this only in a mode in which no command
 * takes the global flags any more.
 *
 * @param parser The parser of the command line.
 * @param args The arguments.
 * @returns The arguments to parse.
 */
export function markCommand(parser: Parser, args: readonly string[]): string[] {
  const exec = parser.commands.find((command) => command.name() === "exec");
  const takesValue = (flag: string) =>
    [...parser.options, ...exec?.options ?? []].some((option) =>
      option.required && (option.long === flag || option.short === flag)
    );
  let inExec = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (word === "--") break;
    if (takesValue(word)) at++;
    else if (word.startsWith("-")) continue;
    else if (inExec) return [...args.slice(0, at), "--", ...args.slice(at)];
    else if (word === "exec") inExec = true;
    else break;
  }
  return [...args];
}
