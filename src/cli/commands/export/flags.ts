import type { Flags, FlagsOf } from "../../grammar/flag.ts";

/** The flags of `tdauth export`. */
export const FLAGS = {
  format: {
    flag: "--format",
    kind: "text",
    value: "format",
    help:
      "schwab-py, schwabdev, schwabdev-2, schwabdev-3, tda-api, pytd or tdauth",
    suggest: async () =>
      (await import("../../../token_files/formats.ts")).formatPrograms(),
  },
  output: {
    flag: "--output",
    short: "-o",
    kind: "file",
    help:
      "write this file, readable only by its owner (default, and -: stdout)",
  },
  force: {
    flag: "--force",
    kind: "boolean",
    help: "overwrite an existing file",
  },
} as const satisfies Flags;

/** Their values. */
export type ExportFlags = FlagsOf<typeof FLAGS>;
