import type { PresetKey } from "../providers/presets.ts";
import type { Tokens } from "../token/token.ts";
import type { Fields } from "./fields.ts";
import type { FormatName } from "./format_names.ts";
import type { Reading } from "./reading.ts";

/** What the formats have in common. */
export interface TokenFileFormat {
  /** Its name for `--format`, by which `FORMAT_PROGRAMS` has its program. */
  readonly name: FormatName;
  /** Whether no program has it as its own: the tokens may be anyone's, and of any provider. @default {false} */
  readonly generic?: true;
  /** Whether it can hold an access token without a refresh token. @default {false} */
  readonly accessAlone?: true;
  /** What docs/token-files.md says of it, in Markdown. */
  readonly about: {
    /** The programs that write it. */
    readonly programs: string;
    /** What the file is. */
    readonly file: string;
    /** Where the refresh token's lifetime is from. */
    readonly lifetime: string;
  };
  /** The key of the tokens' preset; any broker's when absent. */
  readonly broker?: PresetKey;
  /** The tokens' preset unless the file says otherwise. */
  readonly usualBroker?: PresetKey;
}

/** A format that is one JSON object. */
export interface JsonFormat extends TokenFileFormat {
  /** What it is made of. */
  readonly kind: "json";
  /** Its characteristics, completing "… that has". */
  readonly knownBy: string;
  /** Whether an object is of this format. */
  readonly matches: (file: Fields) => boolean;
  /** Reads it, with the times of the file. */
  readonly read: (file: Fields, reading: Reading) => Tokens;
  /** Creates the object; the refresh token is present unless `accessAlone`. */
  readonly write: (tokens: Tokens) => Fields;
}

/** A format that is text, but not JSON. */
export interface PlainFormat extends TokenFileFormat {
  /** What it is made of. */
  readonly kind: "plain";
  /** Its characteristics, completing "… that has". */
  readonly knownBy: string;
  /** Whether a text without surrounding blanks is of this format. */
  readonly matches: (text: string) => boolean;
  /** Reads it, with the times that it states. */
  readonly read: (text: string, reading: Reading) => Tokens;
  /** Creates the text; the refresh token is present unless `accessAlone`. */
  readonly write: (tokens: Tokens) => string;
}

/** A format that is text. */
export type TextFormat = JsonFormat | PlainFormat;
