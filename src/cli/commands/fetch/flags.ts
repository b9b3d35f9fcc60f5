import { MIN_VALID } from "../../account/min_valid.ts";
import type { Flags, FlagsOf } from "../../grammar/flag.ts";

/** The flags of `tdauth fetch`. */
export const FLAGS = {
  method: {
    flag: "--method",
    short: "-X",
    kind: "text",
    value: "method",
    help: "the method (default: GET; POST with -d)",
  },
  header: {
    flag: "--header",
    short: "-H",
    kind: "text",
    value: "header",
    repeated: true,
    help: "a header, like 'Accept: application/json'; repeatable",
  },
  data: {
    flag: "--data",
    short: "-d",
    kind: "text",
    value: "data",
    help:
      "a body: text, @FILE or @- for stdin; JSON if it is JSON, else a form",
  },
  include: {
    flag: "--include",
    short: "-i",
    kind: "boolean",
    help: "print the response status and headers first",
  },
  output: {
    flag: "--output",
    short: "-o",
    kind: "file",
    help: "write a successful response's body to this file",
  },
  timeout: {
    flag: "--timeout",
    kind: "timeout",
    default: "60s",
    help: "how long to wait for more of the response",
  },
  minValid: MIN_VALID,
} as const satisfies Flags;

/** Their values. */
export type FetchFlags = FlagsOf<typeof FLAGS>;
