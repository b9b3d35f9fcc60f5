import { FORMAT } from "../../account/format_flag.ts";
import type { Flags, FlagsOf } from "../../grammar/flag.ts";

/** The flags of `tdauth import`. */
export const FLAGS = {
  format: {
    ...FORMAT,
    help:
      `${FORMAT.help}; schwabdev is 2 or 3, as the file says (default: detected from the file's content)`,
  },
  loginTime: {
    flag: "--login-time",
    kind: "text",
    value: "time",
    help:
      "when you logged in, if the file does not say so: now, 2026-11-30T14:05 (in this machine's time zone) or seconds since the epoch",
  },
  force: {
    flag: "--force",
    kind: "boolean",
    help:
      "replace stored tokens even if they expire later, or the file does not say when its own do",
  },
} as const satisfies Flags;

/** Their values. */
export type ImportFlags = FlagsOf<typeof FLAGS>;
