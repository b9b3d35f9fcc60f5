import type { Flags, FlagsOf } from "../../grammar/flag.ts";

/** The flags of `tdauth login`. */
export const FLAGS = {
  browser: {
    flag: "--browser",
    kind: "text",
    value: "cmd",
    help: "open the URL with this command (BROWSER)",
    no: "print the URL instead of opening a browser",
  },
  device: {
    flag: "--device",
    kind: "boolean",
    help:
      "log in with a code on another device, as happens by itself where no browser can be opened",
    no: "wait for the redirect of a browser, also where none can be opened",
  },
  begin: {
    flag: "--begin",
    kind: "boolean",
    help: "print the URL of a login that --finish ends, within 10 minutes",
  },
  finish: {
    flag: "--finish",
    kind: "boolean",
    help:
      "end the login that --begin began, with the address at which the browser ended on stdin",
  },
  on: {
    flag: "--on",
    kind: "text",
    value: "user@host",
    help:
      "log in for the tokens of another machine, over ssh; browser and redirect are here",
  },
  remote: {
    flag: "--remote",
    kind: "boolean",
    hidden: true,
    help: "be the other machine of --on",
  },
  redirectUrl: {
    flag: "--redirect-url",
    kind: "text",
    value: "-",
    help: "read that address from stdin as well, also where it is no terminal",
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
      "log in even if another login just completed, and invalidate its tokens",
  },
  ifOlder: {
    flag: "--if-older",
    kind: "duration",
    help: "do nothing if the last login is more recent, like 5d",
  },
} as const satisfies Flags;

/** Their values. */
export type LoginFlags = FlagsOf<typeof FLAGS>;
