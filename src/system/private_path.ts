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
import { readTextFile } from "./read_file.ts";
import {
  isAlreadyThere,
  isDenied,
  isNotDirectory,
  isNotFound,
  reason,
} from "./system_error.ts";

/** Options of {@linkcode makePrivateDirectory}. */
export interface PrivateDirectoryOptions {
  /** Whether it was ours before: it is then closed, whatever it has become. @default {false} */
  readonly known?: boolean;
}

/**
 * Makes a directory that only its owner can enter, with its parents. One that
 * exists and that others can enter is closed where it is empty or ours. One of
 * another user is refused, and one that is shared with others or other things.
 *
 * @param path The directory.
 * @param options What is known of it.
 * @throws {TdauthError} `cache_unreadable` when it cannot be made or is not ours.
 */
export function makePrivateDirectory(
  path: string,
  options: PrivateDirectoryOptions = {},
): void {
  try {
    let stat = statOf(path);
    // Nearly always it is there, and making it again takes longer than looking.
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
 * Does to a directory that exists what {@linkcode makePrivateDirectory} does, and
 * makes none.
 *
 * @param path The directory.
 * @param options What is known of it.
 * @throws {TdauthError} `cache_unreadable` when it is not ours.
 */
export function protectDirectory(
  path: string,
  options: PrivateDirectoryOptions = {},
): void {
  try {
    const stat = statOf(path);
    if (stat !== undefined) closeDirectory(path, stat, options);
  } catch (cause) {
    // What cannot even be looked at is said by whoever reads it.
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
 * Says why a directory that others may enter cannot be closed to them.
 *
 * @param path The directory.
 * @param mode Its mode.
 * @returns The reason; `undefined` when it is empty, or ours by what is in it.
 */
export function whyShared(path: string, mode: number): string | undefined {
  if ((mode & 0o1000) !== 0) return "it is shared by all users";
  // They may have put our files there.
  if ((mode & 0o002) !== 0) return "everybody may write in it";
  if ((mode & 0o077) === 0) return undefined;
  const content = directoryContent(path);
  if (content === "empty") return undefined;
  if ((mode & 0o020) !== 0) return "its group may write in it";
  return content === "own"
    ? undefined
    : "others may enter it, and it holds other things";
}

/**
 * Says whether a directory of another user is one to make ours, and not the
 * system's or one that is shared.
 *
 * @param path The directory, which exists.
 */
export function mayBeMadeOurs(path: string): boolean {
  try {
    return whyShared(path, statOf(path)?.mode ?? 0) === undefined;
  } catch {
    return true; // nobody else may even look into it
  }
}

/** What to do about a directory that is shared. */
export const OWN_DIRECTORY: string =
  "name a directory of its own with TD_CONFIG_DIR or --config-dir";

/** Why a directory is not for us. */
class Shared extends Error {}
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
  if (cause instanceof Shared) {
    return `${OWN_DIRECTORY}; it is made if need be`;
  }
  // What is above it is often nobody's to change: a home that is read-only.
  return isDirectory(path) && mayBeMadeOurs(path)
    ? `name another directory with TD_CONFIG_DIR or --config-dir, or make this one yours: sudo chown "$(id -un)" ${word} && chmod 700 ${word}`
    : "name another directory with TD_CONFIG_DIR or --config-dir";
}

/**
 * Takes away what others may do with a token file. A link is left as it is: the
 * next write replaces it, and what it points to is not ours. So is a directory,
 * and a file that holds something else than tokens.
 *
 * @param path The file.
 * @returns Whether something is there; a link that leads nowhere is nothing.
 * @throws {TdauthError} `cache_unreadable` when that is not possible.
 */
export function makePrivateFile(path: string): boolean {
  try {
    const stat = lstatOf(path);
    if (stat?.kind !== "file") return statOf(path) !== undefined;
    refuseForeign(stat);
    if (isOpenToOthers(stat)) {
      // Whoever reads it says what is wrong with another's.
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
        hint: `make it yours: chown "$(id -un)" ${
          shellWord(path)
        } && chmod 600 ${shellWord(path)}`,
        cause,
      },
    );
  }
}

/** Another user who owns a directory can put files of their own choice into it, and root would follow. */
function refuseForeign(stat: FileStat): void {
  if (isForeign(stat)) throw new Error("it belongs to another user");
}
