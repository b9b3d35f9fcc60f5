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
  /** The program's display name. */
  readonly program: string;
  /** The key of the tokens' preset; any broker's when absent. */
  readonly broker?: PresetKey;
  /** The tokens' preset unless the file says otherwise. */
  readonly usualBroker?: PresetKey;
}

/** A format that is one JSON object. */
export interface JsonFormat extends TokenFileFormat {
  /** Its characteristics, completing "… that has". */
  readonly knownBy: string;
  /** Whether an object is of this format. */
  readonly matches: (file: Fields) => boolean;
  /** Reads it, with the times of the file; `now` is the tokens' clock. */
  readonly read: (file: Fields, now: () => number) => Tokens;
  /** Creates the object; the refresh token is present. */
  readonly write: (tokens: Tokens) => Fields;
}
