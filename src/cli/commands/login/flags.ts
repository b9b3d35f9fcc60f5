import type { Flags, FlagsOf } from "../../grammar/flag.ts";

/** The flags of `tdauth login`. */
export const FLAGS = {
  browser: {
    flag: "--browser",
    kind: "text",
    value: "cmd",
    help: "open the page with this command (BROWSER)",
    no: "only print the page's URL",
  },
  timeout: {
    flag: "--timeout",
    kind: "timeout",
    default: "5m",
    help: "how long to wait for the login, like 90s or 10m",
  },
  force: {
    flag: "--force",
    kind: "boolean",
    help:
      "log in even when another login has just been made, and end its tokens",
  },
  ifOlder: {
    flag: "--if-older",
    kind: "duration",
    help: "do nothing when the last login is younger, like 5d",
  },
} as const satisfies Flags;

/** What the code gets for them. */
export type LoginFlags = FlagsOf<typeof FLAGS>;
