import type { TdauthError } from "../base/errors.ts";
import type { Tokens } from "../token/token.ts";
import { type Fields, isObject, notUsable } from "./fields.ts";
import { JSON_FORMATS } from "./formats.ts";
import { readSchwabdev3, schwabdev3 } from "./schwabdev_3.ts";
import type { TokenFileFormat } from "./token_file_format.ts";

/** The parsed content of a file. */
export interface ParsedTokenFile {
  /** Its format. */
  readonly format: TokenFileFormat;
  /** Its tokens; the refresh token is there. */
  readonly tokens: Tokens;
}

/** Options of {@linkcode parseTokenFile}. */
export interface ParseOptions {
  /** Its absolute path, which a database needs. */
  readonly path?: string;
  /** The formats it may have. @default {all} */
  readonly formats?: readonly TokenFileFormat[];
  /** The tokens' clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Reads another program's token file. Its content determines the format.
 *
 * @param bytes The file.
 * @param options How to read it.
 * @returns The format and the tokens.
 * @throws {TdauthError} `token_file_failed` when no format or more than one
 * fits, or the file is damaged. The message never quotes the file.
 */
export async function parseTokenFile(
  bytes: Uint8Array,
  options: ParseOptions = {},
): Promise<ParsedTokenFile> {
  const { formats, path, now = Date.now } = options;
  const allowed = (format: TokenFileFormat) =>
    formats === undefined || formats.includes(format);
  if (startsWith(bytes, "SQLite format 3\0")) {
    if (!allowed(schwabdev3)) throw notUsable("it is a database");
    if (path === undefined) {
      throw notUsable(
        "a database cannot be read from a pipe; use its file name",
      );
    }
    const tokens = await readSchwabdev3(path, now);
    if (tokens === undefined) throw notUsable("it has no refresh token");
    return { format: schwabdev3, tokens };
  }
  if (isPickle(bytes)) {
    throw notUsable(
      "it is a Python pickle (old tda-api); loading one can execute arbitrary code",
    );
  }
  const file = parseObject(bytes);
  const candidates = JSON_FORMATS.filter(allowed);
  // With an explicit format its own reader reports what is missing.
  const found = formats !== undefined && candidates.length === 1
    ? candidates
    : candidates.filter(({ matches }) => matches(file));
  const [format] = found;
  if (found.length > 1) {
    throw notUsable(
      `it matches ${
        found.map(({ program }) => program).join(" and ")
      }; choose one with --format`,
    );
  }
  if (format === undefined) {
    throw notUsable(
      formats !== undefined && candidates.length === 0
        ? "it is not a database"
        : `it has no known format; looked for ${
          candidates.map(({ program, knownBy }) => `${program} (${knownBy})`)
            .join(", ")
        } and Schwabdev 3 (an SQLite database)`,
    );
  }
  try {
    return { format, tokens: format.read(file, now) };
  } catch (error) {
    throw ofOther(file, format) ?? error;
  }
}

/** The error of a file that is of another format than specified; `undefined` when it may be of that. */
function ofOther(
  file: Fields,
  named: TokenFileFormat,
): TdauthError | undefined {
  const fits = JSON_FORMATS.filter(({ matches }) => matches(file));
  const [first] = fits;
  if (first === undefined || fits.some(({ name }) => name === named.name)) {
    return undefined;
  }
  return notUsable(
    `it is of ${
      fits.map(({ program }) => program).join(" or ")
    }, not of ${named.program}`,
    `omit --format, or use --format ${first.name}`,
  );
}

function parseObject(bytes: Uint8Array): Fields {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    throw notUsable("it is neither text in UTF-8 nor an SQLite database");
  }
  if (text === "") throw notUsable("it is empty");
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw notUsable("it is neither JSON nor an SQLite database"); // the parser's own message quotes the text
  }
  if (!isObject(file)) throw notUsable("it is not a JSON object");
  return file;
}

/** Recognizes Python's pickles: protocol 2 and later by the first two bytes, older ones by the start of a dictionary or a class. */
function isPickle(bytes: Uint8Array): boolean {
  const [first = 0, second = 0] = bytes;
  if (first === 0x80) return second >= 2 && second <= 5;
  const start = String.fromCharCode(...bytes.subarray(0, 100));
  return /^(\(d|\}q|c[\w.]+\n)/.test(start);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, at) =>
    bytes[at] === character.charCodeAt(0)
  );
}
