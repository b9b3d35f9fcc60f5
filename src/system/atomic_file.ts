import { TdauthError } from "../base/errors.ts";
import { lockBriefly } from "./file_lock.ts";
import { TEMPORARY } from "./own_files.ts";
import { entriesOf, removeQuietly, replaceFile, syncPath } from "./files.ts";
import { OS } from "./os.ts";
import { readTextIfThere } from "./read_text.ts";
import { shellWord } from "../base/shell_word.ts";
import { reason } from "./system_error.ts";

/** The directory part of a path; `/` and, on Windows, `\` both separate. */
export function directoryOf(path: string): string {
  const end = OS === "windows"
    ? Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"))
    : path.lastIndexOf("/");
  return end <= 0 ? path.slice(0, end + 1) || "." : path.slice(0, end);
}

/**
 * Replaces a file's content so that after a crash at any moment the old or the
 * new content is there, whole: a new file is created beside it, written, synced
 * to the disk, and renamed over it; then the directory is synced. Only its owner
 * can read it, and a link planted at the path is replaced, not followed.
 *
 * Writers in one directory take turns, so nothing that another process writes
 * between the read and the write is lost, and a leftover temporary file is a dead
 * writer's: it is removed.
 *
 * @param path The file.
 * @param update Returns the new content for the old one, which is `undefined`
 * when there is no file.
 * @throws {TdauthError} `cache_unreadable` when it cannot be written; the old
 * file is then unchanged.
 */
export function updateFile(
  path: string,
  update: (old: string | undefined) => string,
): void {
  const directory = directoryOf(path);
  using _lock = lockWrites(path);
  const text = update(readText(path));
  const name = path.slice(directory === "/" ? 1 : directory.length + 1);
  const random = crypto.randomUUID().replaceAll("-", "");
  const temporary = `${directory}/.${name}.${random}.tdauth.tmp`;
  sweep(directory);
  try {
    replaceFile(path, text, 0o600, temporary);
    // The rename is only durable once the directory is.
    syncPath(directory);
  } catch (cause) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot write "${path}": ${reason(cause)}`,
      {
        hint:
          "free some space or make the directory writable, then retry; the old file is unchanged",
        cause,
      },
    );
  }
}

/**
 * Takes the write lock of a file's directory, for one write.
 *
 * @param path The file.
 * @returns The lock; disposing it releases it.
 * @throws {TdauthError} As {@linkcode lockBriefly}.
 */
export function lockWrites(path: string): Disposable {
  return lockBriefly(`${directoryOf(path)}/.write.lock`);
}

/**
 * Reads a file.
 *
 * @param path The file.
 * @returns Its text, or `undefined` when there is none.
 * @throws {TdauthError} `cache_unreadable` when it is there and cannot be read.
 */
export function readText(path: string): string | undefined {
  try {
    return readTextIfThere(path);
  } catch (cause) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot read "${path}": ${reason(cause)}`,
      {
        hint: `take ownership: chown "$(id -un)" ${
          shellWord(path)
        } && chmod 600 ${shellWord(path)}`,
        cause,
      },
    );
  }
}

/**
 * A process sweeps a directory with more entries than this once in so many
 * milliseconds: with thousands of profiles, looking for leftovers would take
 * longer than all else of a write.
 */
const MANY = 1000;
const SWEEP_EVERY = 60_000;
const sweptAt = new Map<string, number>();

function sweep(directory: string): void {
  const last = sweptAt.get(directory);
  if (last !== undefined && performance.now() - last < SWEEP_EVERY) return;
  sweptAt.delete(directory);
  let entries = 0;
  try {
    for (const { name } of entriesOf(directory)) {
      if (++entries === MANY) sweptAt.set(directory, performance.now());
      if (TEMPORARY.test(name)) removeQuietly(`${directory}/${name}`);
    }
  } catch {
    // Sweeping is housekeeping: the write does not depend on it.
  }
}
