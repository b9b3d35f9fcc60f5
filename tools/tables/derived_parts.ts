/** The parts of files that are generated from the tables of settings, presets, commands and token files. */
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { PRESETS } from "../../src/providers/presets.ts";
import { completionData, completionLines } from "./completion_data.ts";
import { envRows, formatRows, providerRows, settingRows } from "./pages.ts";
import { settingOptions } from "./setting_options.ts";

/** The lines between `begin NAME` and `end NAME` of a file. */
interface DerivedPart {
  /** The file's path from the project's root. */
  readonly path: string;
  /** The part's name. */
  readonly name: string;
  /** What the tables say. */
  readonly lines: readonly string[];
}

/** All generated parts. */
export const PARTS: readonly DerivedPart[] = [
  {
    path: "src/client/authorize_options.ts",
    name: "settings",
    lines: settingOptions(),
  },
  {
    path: "src/providers/provider_name.ts",
    name: "presets",
    lines: PRESETS.map(({ key }) => `  | ${JSON.stringify(key)}`),
  },
  {
    path: "src/cli/commands/complete/completion_data.ts",
    name: "commands",
    lines: completionLines(await completionData(COMMANDS)),
  },
  { path: "docs/settings.md", name: "settings", lines: settingRows() },
  { path: "docs/settings.md", name: "providers", lines: providerRows() },
  { path: "docs/settings.md", name: "env", lines: envRows() },
  { path: "docs/token-files.md", name: "formats", lines: formatRows() },
];

/**
 * Replaces the generated parts of a file.
 *
 * @param path The file's path from the project's root.
 * @param text The file.
 * @returns The file as the tables say, not yet formatted.
 * @throws {Error} When the file lacks one of its parts.
 */
export function withParts(path: string, text: string): string {
  return PARTS.filter((part) => part.path === path).reduce(
    (whole, { name, lines }) => {
      const part = new RegExp(
        `^(.*\\bbegin ${name}\\b.*\\n)[^]*?^(.*\\bend ${name}\\b)`,
        "m",
      );
      if (!part.test(whole)) {
        throw new Error(`${path} has no part between begin and end ${name}`);
      }
      return whole.replace(
        part,
        (_, begin, end) => `${begin}${lines.join("\n")}\n${end}`,
      );
    },
    text,
  );
}
