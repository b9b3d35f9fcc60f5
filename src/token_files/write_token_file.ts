import { directoryOf } from "../system/atomic_file.ts";
import { TdauthError } from "../base/errors.ts";
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
import { JSON_FORMATS } from "./formats.ts";
import { readSchwabdev3, schwabdev3, writeSchwabdev3 } from "./schwabdev_3.ts";
import type { TokenFileFormat } from "./token_file_format.ts";

/** Options of {@linkcode writeTokenFile}. */
export interface WriteOptions {
  /** Whether what is there may be replaced. @default {false} */
  readonly force?: boolean;
  /** The clock of the tokens that are there, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
}

/**
 * Says tokens as another program does.
 *
 * @param format The format; not a database.
 * @param tokens The tokens; the refresh token is there.
 * @returns The file's text.
 */
export function formatTokenFile(
  format: TokenFileFormat,
  tokens: Tokens,
): string {
  const json = JSON_FORMATS.find(({ name }) => name === format.name);
  if (json === undefined) {
    throw new TypeError(`Cannot write "${format.name}" as text`);
  }
  return JSON.stringify(json.write(tokens), undefined, 2) + "\n";
}

/**
 * Writes tokens into another program's file, which only its owner can read. It
 * is there whole or not at all, and a link planted at the path is not followed.
 * A database of Schwabdev 3 that is there keeps its file: its row is replaced.
 * One of another program, or an encrypted one, stays, with `force`, too.
 *
 * @param path The file, as an absolute path.
 * @param format The format.
 * @param tokens The tokens; the refresh token is there.
 * @param options What may be replaced.
 * @returns Whether a file that was there was changed.
 * @throws {TdauthError} `invalid_options` when something is there that may not
 * be replaced; `token_file_failed` when it cannot be written.
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
      { hint: "leave --output out to print the tokens, and pipe them on" },
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
    // A link is made only where nothing is; a rename replaces what is there.
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

/** Replaces the row of a database that is there, in Schwabdev's own turn. */
async function updateDatabase(
  path: string,
  tokens: Tokens,
  force: boolean,
  now: () => number,
): Promise<void> {
  const old = force
    ? undefined
    : await readSchwabdev3(path, now).catch(elsewhere);
  const other = old !== undefined &&
    String(old.refreshToken) !== String(tokens.refreshToken);
  if (other && old.refreshToken.expiry >= tokens.refreshToken.expiry) {
    throw new TdauthError(
      "invalid_options",
      `Cannot write "${path}": it has tokens of a login that is not older`,
      { hint: "to replace them all the same, run it again with --force" },
    );
  }
  try {
    setMode(path, 0o600);
  } catch (cause) {
    throw unwritable(path, reasonOf(cause), cause);
  }
  await writeSchwabdev3(path, tokens).catch(elsewhere);
}

/** A login is no way out of a database that cannot be written. */
function elsewhere(error: unknown): never {
  if (!(error instanceof TdauthError)) throw error;
  throw new TdauthError(error.code, error.message, {
    hint: "name another file",
    cause: error.cause,
  });
}

/** Whether a file begins as every database of SQLite does. */
function isDatabase(path: string): boolean {
  try {
    const start = new TextDecoder().decode(readStart(path, 16));
    return start === "SQLite format 3\0";
  } catch (cause) {
    throw unwritable(path, reasonOf(cause), cause);
  }
}

/** Whether it is no place for a file; the system's own links, such as /dev/stdout, lead to one that is not. */
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
    `Cannot write "${path}": something of that name is there`,
    { hint: "name another file, or replace it with --force" },
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
    { hint: "name a file in a directory that you can write to", cause },
  );
}
