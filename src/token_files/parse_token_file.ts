import type { TdauthError } from "../base/errors.ts";
import type { Tokens } from "../token/token.ts";
import { type Content, contentOf, isOf } from "./content.ts";
import { decodesToFile } from "./decodes_to_file.ts";
import { type Fields, notUsable } from "./fields.ts";
import { FORMAT_PROGRAMS } from "./format_names.ts";
import { TEXT_FORMATS } from "./formats.ts";
import { Reading } from "./reading.ts";
import { readSchwabdev3, schwabdev3 } from "./schwabdev_3.ts";
import type { TextFormat, TokenFileFormat } from "./token_file_format.ts";

/** The parsed content of a file. */
export interface ParsedTokenFile {
  /** Its format. */
  readonly format: TokenFileFormat;
  /** Its tokens; the refresh token is there unless the format has `accessAlone`. */
  readonly tokens: Tokens;
  /** Whether nothing says how old the refresh token is, or an access token without one: their times are then upper bounds. */
  readonly assumed: boolean;
  /** The fields of a token answer, in snake case; none where the file is another program's. */
  readonly answer: Fields;
  /** What the user should know of it, each a sentence without a period. */
  readonly notes: readonly string[];
}

/** Options of {@linkcode parseTokenFile}. */
export interface ParseOptions {
  /** Its absolute path, which a database needs. */
  readonly path?: string;
  /** The formats it may have. @default {all} */
  readonly formats?: readonly TokenFileFormat[];
  /** When the user logged in, in seconds since the epoch, for a file that does not say so. @default {unknown} */
  readonly loginTime?: number;
  /** The tokens' clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Reads another program's token file. Its content determines the format.
 *
 * @param bytes The file.
 * @param options How to read it.
 * @returns The format, the tokens and what was found out about them.
 * @throws {TdauthError} `token_file_failed` when no format or more than one
 * fits, or the file is damaged; `invalid_options` when it says another time of
 * the login. The message never quotes the file.
 */
export async function parseTokenFile(
  bytes: Uint8Array,
  options: ParseOptions = {},
): Promise<ParsedTokenFile> {
  const { loginTime, now = Date.now } = options;
  const reading = new Reading(now, loginTime);
  const { format, tokens } = await read(bytes, options, reading);
  if (tokens.refreshToken.token === undefined && !format.accessAlone) {
    throw notUsable("it has no refresh token");
  }
  if (
    loginTime !== undefined && tokens.loginTime !== undefined &&
    tokens.loginTime !== loginTime
  ) {
    throw notUsable(
      "it says another time of the login than --login-time",
      "omit --login-time",
    );
  }
  return {
    format,
    tokens: loginTime === undefined ? tokens : { ...tokens, loginTime },
    assumed: reading.assumed,
    answer: reading.answer,
    notes: reading.notes,
  };
}

async function read(
  bytes: Uint8Array,
  { formats, path }: ParseOptions,
  reading: Reading,
): Promise<{ format: TokenFileFormat; tokens: Tokens }> {
  const allowed = (format: TokenFileFormat) =>
    formats === undefined || formats.includes(format);
  if (startsWith(bytes, "SQLite format 3\0")) {
    if (!allowed(schwabdev3)) throw notUsable("it is a database");
    if (path === undefined) {
      throw notUsable(
        "a database cannot be read from a pipe; use its file name",
      );
    }
    const tokens = await readSchwabdev3(path, reading);
    if (tokens === undefined) throw notUsable("it has no refresh token");
    return { format: schwabdev3, tokens };
  }
  if (isPickle(bytes)) {
    throw notUsable(
      "it is a Python pickle (old tda-api); loading one can execute arbitrary code",
    );
  }
  const content = contentOf(bytes);
  const candidates = TEXT_FORMATS.filter(allowed);
  // With an explicit format its own reader reports what is missing.
  const found = formats !== undefined && candidates.length === 1
    ? candidates
    : candidates.filter((format) => isOf(content, format));
  const [format] = found;
  if (found.length > 1) {
    throw notUsable(
      `it matches ${
        found.map(({ name }) => FORMAT_PROGRAMS[name]).join(" and ")
      }; choose one with --format`,
      `use --format ${found.map(({ name }) => name).join(" or --format ")}`,
    );
  }
  if (format === undefined) {
    throw notUsable(
      formats !== undefined && candidates.length === 0
        ? "it is not a database"
        : unknown(content, candidates),
    );
  }
  if (format.name === "refresh-token" && decodesToFile(content.text)) {
    throw notUsable(
      "it is a token file in base64",
      "decode it, and import the result: base64 -d",
    );
  }
  try {
    return { format, tokens: readAs(format, content, reading) };
  } catch (error) {
    throw ofOther(content, format) ?? error;
  }
}

function readAs(
  format: TextFormat,
  { text, file }: Content,
  reading: Reading,
): Tokens {
  if (format.kind === "json") {
    if (file === undefined) {
      throw notUsable("it is neither JSON nor an SQLite database");
    }
    return format.read(file, reading);
  }
  if (file !== undefined) throw notUsable("it is JSON");
  return format.read(text, reading);
}

function unknown(
  { file }: Content,
  candidates: readonly TextFormat[],
): string {
  const found = candidates.filter(({ kind }) =>
    file === undefined || kind === "json"
  );
  const names = found.map(({ name, knownBy }) =>
    `${FORMAT_PROGRAMS[name]} (${knownBy})`
  );
  return `it has no known format; looked for ${
    names.join(", ")
  } and Schwabdev 3 (an SQLite database)`;
}

/** The error of a file that is of another format than specified; `undefined` when it may be of that. */
function ofOther(
  content: Content,
  named: TextFormat,
): TdauthError | undefined {
  const fits = TEXT_FORMATS.filter((format) => isOf(content, format));
  const [first] = fits;
  if (first === undefined || fits.some(({ name }) => name === named.name)) {
    return undefined;
  }
  return notUsable(
    `it is of ${
      fits.map(({ name }) => FORMAT_PROGRAMS[name]).join(" or ")
    }, not of ${FORMAT_PROGRAMS[named.name]}`,
    `omit --format, or use --format ${first.name}`,
  );
}

/** Recognizes Python's pickles: protocol 2 and later by the first two bytes, older ones by the start of a dictionary or a class. */
function isPickle(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  if (first === 0x80) return second >= 2 && second <= 5;
  const start = String.fromCharCode(...bytes.subarray(0, 100));
  return /^(\(d|\}q|c[\w.]+\n[\w.]+\n)/.test(start);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, at) =>
    bytes[at] === character.charCodeAt(0)
  );
}
