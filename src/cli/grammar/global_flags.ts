import type { Flags, FlagsOf } from "./flag.ts";

/** Flags that every command accepts, besides those of settings. */
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

/** Their values. */
export type GlobalFlags = FlagsOf<typeof GLOBAL_FLAGS>;

/** The flags that the parser itself handles; the first belongs only to the program. */
export const ANSWERED = {
  version: { flag: "--version", kind: "boolean", help: "print the version" },
  help: {
    flag: "--help",
    short: "-h",
    kind: "boolean",
    help: "show help for a command",
  },
} as const satisfies Flags;
