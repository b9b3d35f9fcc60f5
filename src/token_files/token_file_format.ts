import type { PresetKey } from "../providers/presets.ts";
import type { Tokens } from "../token/token.ts";
import type { Fields } from "./fields.ts";

/** The formats by name. */
export type FormatName =
  | "tdauth"
  | "pytd"
  | "tda-api"
  | "schwab-py"
  | "schwabdev-2"
  | "schwabdev-3";

/** What the formats have in common. */
export interface TokenFileFormat {
  /** Its name for `--format`. */
  readonly name: FormatName;
  /** The program that people know. */
  readonly program: string;
  /** The preset whose tokens it holds, by its key; any broker's when absent. */
  readonly broker?: PresetKey;
  /** The preset whose tokens it holds where nothing says that they are another's. */
  readonly usualBroker?: PresetKey;
}

/** A format that is one JSON object. */
export interface JsonFormat extends TokenFileFormat {
  /** What it is known by, in words that end "… that has". */
  readonly knownBy: string;
  /** Whether an object looks like it. */
  readonly matches: (file: Fields) => boolean;
  /** Reads it; the times are as they are in the file, `now` is the tokens' clock. */
  readonly read: (file: Fields, now: () => number) => Tokens;
  /** Makes the object; the refresh token is there. */
  readonly write: (tokens: Tokens) => Fields;
}
