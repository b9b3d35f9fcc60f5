import type { Flag } from "../grammar/flag.ts";

/** The flag of the commands for other programs' token files. */
export const FORMAT = {
  flag: "--format",
  kind: "text",
  value: "format",
  help:
    "schwab-py, schwabdev, schwabdev-2, schwabdev-3, tda-api, pytd or tdauth",
  suggest: async () =>
    (await import("../../token_files/formats.ts")).formatPrograms(),
} as const satisfies Flag;
