import { directoryOf } from "../system/atomic_file.ts";
import { TdauthError } from "../base/errors.ts";
import { withHint } from "../base/with_hint.ts";
import { type FileStat, lstatOf } from "../system/file_stat.ts";
import {
  createFile,
  linkFile,
  removeQuietly,
  renameFile,
  setMode,
  syncPath,
} from "../system/files.ts";
import { readStart } from "../system/read_file.ts";
import {
  errorText,
  isAlreadyThere,
  isDenied,
  isNotFound,
} from "../system/system_error.ts";
import type { Tokens } from "../token/token.ts";
import { TEXT_FORMATS } from "./formats.ts";
import { Reading } from "./reading.ts";
import { readSchwabdev3, schwabdev3, writeSchwabdev3 } from "./schwabdev_3.ts";
import type { TokenFileFormat } from "./token_file_format.ts";

/** Options of {@linkcode writeTokenFile}. */
export interface WriteOptions {
  /** Whether an existing file may be replaced. @default {false} */
  readonly force?: boolean;
  /** The clock of the existing tokens, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Formats tokens for another program.
 *
 * @param format The format; not a database.
 * @param tokens The tokens; the refresh token is there.
 * @returns The file's text.
 */
export function formatTokenFile(
  format: TokenFileFormat,
  tokens: Tokens,
): string {
  const text = TEXT_FORMATS.find(({ name }) => name === format.name);
  if (text === undefined) {
    throw new TypeError(`Cannot write "${format.name}" as text`);
  }
  return text.kind === "plain"
    ? text.write(tokens)
    : JSON.stringify(text.write(tokens), undefined, 2) + "\n";
}

/**
 * Writes tokens into another program's file, which only its owner can read. The
 * write is atomic, and a link planted at the path is not followed. In an existing
 * database of Schwabdev 3 only the row is replaced. Another program's database,
 * or an encrypted one, is never replaced, not even with `force`.
 *
 * @param path The file, as an absolute path.
 * @param format The format.
 * @param tokens The tokens; the refresh token is there.
 * @param options Whether to replace an existing file.
 * @returns Whether an existing file was changed.
 * @throws {TdauthError} `invalid_options` when an existing file may not be
 * replaced; `token_file_failed` when it cannot be written.
 */
export async function writeTokenFile(
  path: string,
  format: TokenFileFormat,
  tokens: Tokens,
  options: WriteOptions = {},
): Promise<boolean> {
  const { force = false, now = Date.now } = options;
  const there = linkOrFile(path);
  if (
    format.name === schwabdev3.name && there?.kind === "file" &&
    isDatabase(path)
  ) {
    await updateDatabase(path, tokens, force, now);
    return true;
  }
  if (isDevice(path, there)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot write "${path}": it is a device or a pipe`,
      { hint: "omit --output to print the tokens, and pipe them" },
    );
  }
  if (there !== undefined && !force) throw occupied(path);
  if (there?.kind === "directory") throw unwritable(path, "it is a directory");
  const random = crypto.randomUUID().replaceAll("-", "");
  const directory = directoryOf(path);
  const name = path.slice(directory === "/" ? 1 : directory.length + 1);
  const temporary = `${directory}/.${name}.${random}.new`;
  try {
    if (format.name === schwabdev3.name) {
      createFile(temporary, "", 0o600);
      await writeSchwabdev3(temporary, tokens);
      syncPath(temporary);
    } else {
      createFile(temporary, formatTokenFile(format, tokens), 0o600);
    }
    // A link fails if the file exists; a rename replaces it.
    if (force) renameFile(temporary, path);
    else linkFile(temporary, path);
  } catch (cause) {
    if (isAlreadyThere(cause)) throw occupied(path);
    if (cause instanceof TdauthError) throw cause;
    throw unwritable(path, reasonOf(cause), cause);
  } finally {
    removeQuietly(temporary);
  }
  return there !== undefined;
}

/** Replaces the row of an existing database, under Schwabdev's own lock. */
async function updateDatabase(
  path: string,
  tokens: Tokens,
  force: boolean,
  now: () => number,
): Promise<void> {
  const old = force
    ? undefined
    : await readSchwabdev3(path, new Reading(now)).catch(elsewhere);
  const other = old !== undefined &&
    String(old.refreshToken) !== String(tokens.refreshToken);
  if (other && old.refreshToken.expiry >= tokens.refreshToken.expiry) {
    throw new TdauthError(
      "invalid_options",
      `Cannot write "${path}": it has tokens of the same or a newer login`,
      { hint: "to replace them anyway, use --force" },
    );
  }
  try {
    setMode(path, 0o600);
  } catch (cause) {
    throw unwritable(path, reasonOf(cause), cause);
  }
  await writeSchwabdev3(path, tokens).catch(elsewhere);
}

/** A login does not help with a database that cannot be written. */
function elsewhere(error: unknown): never {
  if (!(error instanceof TdauthError)) throw error;
  throw withHint(error, "use another file");
}

/** Whether a file is an SQLite database. */
function isDatabase(path: string): boolean {
  try {
    const start = new TextDecoder().decode(readStart(path, 16));
    return start === "SQLite format 3\0";
  } catch (cause) {
    throw unwritable(path, reasonOf(cause), cause);
  }
}

/** Whether a file cannot be created there; the system's own links, such as /dev/stdout, point to such a place. */
function isDevice(path: string, there: FileStat | undefined): boolean {
  if (there?.kind === "link") return /^\/(dev|proc)\//.test(path);
  return there?.kind === "other";
}

function linkOrFile(path: string): FileStat | undefined {
  try {
    return lstatOf(path);
  } catch (cause) {
    throw unwritable(path, reasonOf(cause), cause);
  }
}

function reasonOf(cause: unknown): string {
  if (isNotFound(cause)) return "there is no such directory";
  return isDenied(cause) ? "permission denied" : errorText(cause);
}

function occupied(path: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot write "${path}": it already exists`,
    { hint: "use another file, or replace it with --force" },
  );
}

function unwritable(
  path: string,
  why: string,
  cause?: unknown,
): TdauthError {
  return new TdauthError(
    "token_file_failed",
    `Cannot write "${path}": ${why}`,
    { hint: "use a file in a writable directory", cause },
  );
}
