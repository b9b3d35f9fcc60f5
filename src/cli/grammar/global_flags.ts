import type { Flags, FlagsOf } from "./flag.ts";

/** Flags that every command takes, beside those of settings. */
export const GLOBAL_FLAGS = {
  json: {
    flag: "--json",
    kind: "boolean",
    help: "print one JSON value on stdout (TD_JSON)",
  },
  verbose: {
    flag: "--verbose",
    kind: "boolean",
    help: "show the causes of errors (TD_VERBOSE)",
  },
} as const satisfies Flags;

/** What every command's code gets for those. */
export type GlobalFlags = FlagsOf<typeof GLOBAL_FLAGS>;

/** The flags that the parser itself answers, the first of the program alone. */
export const ANSWERED = {
  version: { flag: "--version", kind: "boolean", help: "print the version" },
  help: {
    flag: "--help",
    short: "-h",
    kind: "boolean",
    help: "show help for a command",
  },
} as const satisfies Flags;
