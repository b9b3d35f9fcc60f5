import { TdauthError } from "../base/errors.ts";
import { shellWord } from "../base/shell_word.ts";
import { directoryContent } from "./directory_content.ts";
import {
  type FileStat,
  isDirectory,
  isForeign,
  isOpenToOthers,
  lstatOf,
  statOf,
} from "./file_stat.ts";
import { makeDirectory, setMode } from "./files.ts";
import { looksLikeTokens } from "./looks_like_tokens.ts";
import { readTextFile } from "./read_text.ts";
import {
  isAlreadyThere,
  isDenied,
  isNotDirectory,
  isNotFound,
  reason,
} from "./system_error.ts";

/** Options of {@linkcode makePrivateDirectory}. */
export interface PrivateDirectoryOptions {
  /** Whether it was tdauth's before: it is then restricted, whatever is in it. @default {false} */
  readonly known?: boolean;
}

/**
 * Creates a directory that only its owner can access, with its parents. An
 * existing one that others can access is restricted if it is empty or tdauth's.
 * One of another user is rejected, and so is one that is shared with other users
 * or other files.
 *
 * @param path The directory.
 * @param options What is known of it.
 * @throws {TdauthError} `cache_unreadable` when it cannot be created or is not tdauth's.
 */
export function makePrivateDirectory(
  path: string,
  options: PrivateDirectoryOptions = {},
): void {
  try {
    let stat = statOf(path);
    // It nearly always exists, and creating it again takes longer than checking.
    if (stat?.kind !== "directory") {
      makeDirectory(path, 0o700);
      stat = statOf(path);
    }
    if (stat !== undefined) closeDirectory(path, stat, options);
  } catch (cause) {
    throw notPrivate(path, cause);
  }
}

/**
 * Restricts an existing directory like {@linkcode makePrivateDirectory}, and creates none.
 *
 * @param path The directory.
 * @param options What is known of it.
 * @throws {TdauthError} `cache_unreadable` when it is not tdauth's.
 */
export function protectDirectory(
  path: string,
  options: PrivateDirectoryOptions = {},
): void {
  try {
    const stat = statOf(path);
    if (stat !== undefined) closeDirectory(path, stat, options);
  } catch (cause) {
    // The read that follows reports a directory without access.
    if (isDenied(cause)) return;
    throw notPrivate(path, cause);
  }
}

function closeDirectory(
  path: string,
  stat: FileStat,
  { known = false }: PrivateDirectoryOptions,
): void {
  if (stat.kind !== "directory") throw new NotDirectory();
  if (stat.mode === undefined) return; // access there is by inherited ACLs
  refuseForeign(stat);
  if (!isOpenToOthers(stat)) return;
  const shared = known ? undefined : whyShared(path, stat.mode);
  if (shared !== undefined) throw new Shared(shared);
  setMode(path, 0o700);
}

/**
 * Returns why a directory that others can access cannot be restricted.
 *
 * @param path The directory.
 * @param mode Its mode.
 * @returns The reason; `undefined` when it is empty, or tdauth's by its content.
 */
export function whyShared(path: string, mode: number): string | undefined {
  if ((mode & 0o1000) !== 0) return "it is shared by all users";
  // Other users may have put tdauth's files there.
  if ((mode & 0o002) !== 0) return "it is world-writable";
  if ((mode & 0o077) === 0) return undefined;
  const content = directoryContent(path);
  if (content === "empty") return undefined;
  if ((mode & 0o020) !== 0) return "it is group-writable";
  return content === "own"
    ? undefined
    : "others can access it, and it contains other files";
}

/**
 * Returns whether the user may take over another user's directory: it is neither
 * the system's nor shared.
 *
 * @param path The directory, which exists.
 */
export function mayBeMadeOurs(path: string): boolean {
  try {
    return whyShared(path, statOf(path)?.mode ?? 0) === undefined;
  } catch {
    return true; // only its owner can even read it
  }
}

/** What to do about a directory that is shared. */
export const OWN_DIRECTORY: string =
  "use a separate directory with TD_CONFIG_DIR or --config-dir";

/** Why a directory cannot be tdauth's. */
class Shared extends Error {}
/** It is another user's. */
class Foreign extends Error {}
/** Something else has the directory's name. */
class NotDirectory extends Error {}

function notPrivate(path: string, cause: unknown): TdauthError {
  const word = shellWord(path);
  const why = cause instanceof NotDirectory || isNotDirectory(cause) ||
      isAlreadyThere(cause)
    ? "it is not a directory"
    : reason(cause);
  return new TdauthError(
    "cache_unreadable",
    `Cannot use the directory "${path}": ${why}`,
    { hint: hintFor(path, word, cause), cause },
  );
}

function hintFor(path: string, word: string, cause: unknown): string {
  const mode = isDirectory(path) ? statOf(path)?.mode ?? 0 : 0;
  if (cause instanceof Shared) {
    // Kubernetes opens all of a volume to its group at every start, unless told otherwise.
    return (mode & 0o2020) === 0o2020 && (mode & 0o002) === 0
      ? `if it is a volume of Kubernetes with tdauth's own directory, set fsGroupChangePolicy: OnRootMismatch and restrict it once: chmod 700 ${word}; otherwise ${OWN_DIRECTORY}`
      : `${OWN_DIRECTORY}; it is created if necessary`;
  }
  if (cause instanceof Foreign && (mode & 0o020) !== 0) {
    return `use a directory of its own in it, which is created: TD_TOKEN_DIR=${
      shellWord(`${path}/tdauth`)
    } for the tokens, TD_CONFIG_DIR for everything`;
  }
  // Its parent often cannot be changed: a read-only home.
  return isDirectory(path) && mayBeMadeOurs(path)
    ? `use another directory with TD_CONFIG_DIR or --config-dir, or take ownership of this one: sudo chown "$(id -un)" ${word} && chmod 700 ${word}`
    : "use another directory with TD_CONFIG_DIR or --config-dir";
}

/**
 * Removes other users' access to a token file, or to the user's own file that a
 * link there leads to. A directory is left unchanged, and so is a file that
 * contains anything but tokens.
 *
 * @param path The file.
 * @returns Whether something is there; a dangling link is nothing.
 * @throws {TdauthError} `cache_unreadable` when that is not possible.
 */
export function makePrivateFile(path: string): boolean {
  try {
    const isLink = lstatOf(path)?.kind === "link";
    const stat = statOf(path);
    if (stat?.kind !== "file") return stat !== undefined;
    if (isLink && isForeign(stat)) return true; // a write says so
    refuseForeign(stat);
    if (isOpenToOthers(stat)) {
      // The read that follows reports another program's file.
      if (!looksLikeTokens(readTextFile(path))) return true;
      setMode(path, 0o600);
    }
    return true;
  } catch (cause) {
    if (isNotFound(cause)) return false;
    throw new TdauthError(
      "cache_unreadable",
      `Cannot protect "${path}": ${reason(cause)}`,
      {
        hint: `take ownership: chown "$(id -un)" ${
          shellWord(path)
        } && chmod 600 ${shellWord(path)}`,
        cause,
      },
    );
  }
}

/** Another user who owns a directory can put files of their own choice into it, and root would follow. */
function refuseForeign(stat: FileStat): void {
  if (isForeign(stat)) throw new Foreign("it belongs to another user");
}
