import type { Flags, FlagsOf } from "../../grammar/flag.ts";

/** The flags of `tdauth import`. */
export const FLAGS = {
  format: {
    flag: "--format",
    kind: "text",
    value: "format",
    help:
      "schwab-py, schwabdev, schwabdev-2, schwabdev-3, tda-api, pytd or tdauth (default: detected from the file's content)",
    suggest: async () =>
      (await import("../../../token_files/formats.ts")).formatPrograms(),
  },
  force: {
    flag: "--force",
    kind: "boolean",
    help: "replace stored tokens even if they expire later",
  },
} as const satisfies Flags;

/** Their values. */
export type ImportFlags = FlagsOf<typeof FLAGS>;
