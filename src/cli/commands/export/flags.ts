import { FORMAT } from "../../account/format_flag.ts";
import type { Flags, FlagsOf } from "../../grammar/flag.ts";

/** The flags of `tdauth export`. */
export const FLAGS = {
  format: { ...FORMAT, help: `${FORMAT.help}; schwabdev is 3` },
  output: {
    flag: "--output",
    short: "-o",
    kind: "file",
    help:
      "write this file, readable only by its owner (default, and -: stdout)",
  },
  minValid: {
    flag: "--min-valid",
    kind: "duration",
    help:
      "refresh first when less than this is left, like 5m (default: as they are stored)",
  },
  force: {
    flag: "--force",
    kind: "boolean",
    help: "overwrite an existing file",
  },
} as const satisfies Flags;

/** Their values. */
export type ExportFlags = FlagsOf<typeof FLAGS>;
