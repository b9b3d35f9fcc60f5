import type { Flag } from "../grammar/flag.ts";

/** The flag of every command that gets a token. */
export const MIN_VALID = {
  flag: "--min-valid",
  kind: "duration",
  help:
    "refresh when less than this is left, like 5m (default: 60s, or a tenth of the life of a token below 10m)",
} as const satisfies Flag;
