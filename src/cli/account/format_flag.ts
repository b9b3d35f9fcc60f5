import {
  FORMAT_PROGRAMS,
  formatNames,
} from "../../token_files/format_names.ts";
import type { Flag } from "../grammar/flag.ts";

/** The flag of the commands for other programs' token files. */
export const FORMAT = {
  flag: "--format",
  kind: "text",
  value: "format",
  help: formatNames(),
  suggest: FORMAT_PROGRAMS,
} as const satisfies Flag;
