import { fileToReplace, readText, unwritable } from "./atomic_file.ts";
import { createFile, directoryOf, entriesOf, removeQuietly } from "./files.ts";
import { RESERVED } from "./own_files.ts";

/** How much longer than twice the old content the new one may be, in bytes. */
const MARGIN = 32_768;

/**
 * Reserves space on the disk for the next content of a file, in a file beside it
 * that is filled with zeros and synced.
 *
 * @param path The file.
 * @param work What the content is from; its lock is held.
 * @returns The file that reserves the space.
 * @throws {TdauthError} `cache_unreadable` when the disk is full or cannot be written.
 */
export function reserveRoom(path: string, work: "login" | "refresh"): string {
  const old = readText(path);
  try {
    return reserve(fileToReplace(path, old), work, old?.length ?? 0);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function reserve(
  target: string,
  work: "login" | "refresh",
  length: number,
): string {
  removeReserved(target, work);
  const directory = directoryOf(target);
  const name = target.slice(directory.length + 1);
  const random = crypto.randomUUID().replaceAll("-", "");
  const reserved = `${directory}/.${name}.${work}.${random}.reserved`;
  try {
    createFile(
      reserved,
      new Uint8Array(2 * length + MARGIN),
      0o600,
    );
    return reserved;
  } catch (error) {
    removeQuietly(reserved);
    throw error;
  }
}

/**
 * Removes the files that reserve space for a file: those of dead processes, which
 * may contain tokens.
 *
 * @param path The file.
 * @param work Of which work. Default: of any.
 */
export function removeReserved(path: string, work?: "login" | "refresh"): void {
  const directory = directoryOf(path);
  const name = path.slice(directory.length + 1);
  try {
    for (const entry of entriesOf(directory)) {
      const [whole, of, its] = RESERVED.exec(entry.name) ?? [];
      if (whole === undefined || of !== name) continue;
      if (work === undefined || its === work) {
        removeQuietly(`${directory}/${whole}`);
      }
    }
  } catch {
    // The directory is not there, or unreadable, which the write reports.
  }
}
