import type { Define } from "./define.ts";

/** What a format may be called; `schwabdev` stands for both versions on import, and for 3 on export. */
const FORMATS =
  "schwab-py, schwabdev, schwabdev-2, schwabdev-3, tda-api, pytd or tdauth";

/** The commands for the token files of other programs. */
export function tokenFileCommands({ add, runs, appKey }: Define): void {
  appKey(
    add(
      "import",
      "Take over the tokens of another program.",
      "tdauth import ~/.schwabdev/tokens.db",
    ),
  )
    .argument("<file>", "its token file; - reads what is piped in")
    .option(
      "--format <format>",
      `${FORMATS} (default: found by the file's content)`,
    )
    .option(
      "--force",
      "replace stored tokens even when they have longer to live",
    )
    .action(
      runs(async () =>
        (await import("../commands/import/import.ts")).importCommand
      ),
    );
  add(
    "export",
    "Print the tokens as another program's token file.",
    "tdauth export --format schwab-py --output token.json",
  )
    .option("--format <format>", FORMATS)
    .option(
      "-o, --output <file>",
      "write this file, for its owner alone (default, and -: print it)",
    )
    .option("--force", "replace the file that is there")
    .action(
      runs(async () =>
        (await import("../commands/export/export.ts")).exportCommand
      ),
    );
}
