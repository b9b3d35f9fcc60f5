import { FORMAT } from "../../account/format_flag.ts";
import type { Flags, FlagsOf } from "../../grammar/flag.ts";

/** The flags of `tdauth import`. */
export const FLAGS = {
  format: {
    ...FORMAT,
    help: `${FORMAT.help} (default: detected from the file's content)`,
  },
  force: {
    flag: "--force",
    kind: "boolean",
    help: "replace stored tokens even if they expire later",
  },
} as const satisfies Flags;

/** Their values. */
export type ImportFlags = FlagsOf<typeof FLAGS>;
