import { OS } from "./os.ts";

/** The directory part of a path; `/` and, on Windows, `\` both separate. */
export function directoryOf(path: string): string {
  const end = OS === "windows"
    ? Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"))
    : path.lastIndexOf("/");
  return end <= 0 ? path.slice(0, end + 1) || "." : path.slice(0, end);
}

/** Something in a directory. */
export interface Entry {
  /** Its name. */
  readonly name: string;
  /** Whether it is a regular file; a link is not, whatever its target. */
  readonly isFile: boolean;
}

/**
 * Lists a directory, in no order.
 *
 * @param path The directory.
 * @returns Its entries, read lazily.
 * @throws {Error} When it cannot be read.
 */
export function entriesOf(path: string): Iterable<Entry> {
  return Deno.readDirSync(path);
}

/**
 * Creates a directory and its parents where missing.
 *
 * @param path The directory.
 * @param mode The permission bits of the created ones. Default: the system's.
 * @throws {Error} When it cannot be created.
 */
export function makeDirectory(path: string, mode?: number): void {
  Deno.mkdirSync(path, {
    recursive: true,
    ...(mode !== undefined && { mode }),
  });
}

/**
 * Sets the permission bits of a file or directory; does nothing on Windows,
 * where access is by inherited ACLs.
 *
 * @param path The file or directory.
 * @param mode The bits, as of `chmod`.
 * @throws {Error} When it cannot be done.
 */
export function setMode(path: string, mode: number): void {
  if (OS !== "windows") Deno.chmodSync(path, mode);
}

/**
 * Resolves all links in a path.
 *
 * @param path The path.
 * @returns The absolute path, without links in it.
 * @throws {Error} When nothing is there.
 */
export function realPath(path: string): string {
  return Deno.realPathSync(path);
}

/**
 * Removes a file, or a link itself.
 *
 * @param path The file.
 * @throws {Error} When there is none, or it cannot be removed.
 */
export function removeFile(path: string): void {
  Deno.removeSync(path);
}

/** Removes a file if possible: a leftover does no harm. */
export function removeQuietly(path: string): void {
  try {
    removeFile(path);
  } catch {
    // It is gone already, or it stays.
  }
}

/**
 * Renames a file on the same file system.
 *
 * @param from Its name.
 * @param to The new one; an existing file of that name is replaced.
 * @throws {Error} When it cannot be done.
 */
export function renameFile(from: string, to: string): void {
  Deno.renameSync(from, to);
}

/**
 * Creates a hard link on the same file system.
 *
 * @param from Its name.
 * @param to The second one.
 * @throws {Error} When something has that name, or it cannot be done.
 */
export function linkFile(from: string, to: string): void {
  Deno.linkSync(from, to);
}

/**
 * Creates a file, written and synced to the disk.
 *
 * @param path The file.
 * @param content What is in it.
 * @param mode Its permission bits.
 * @throws {Error} When something has that name, or it cannot be written.
 */
export function createFile(
  path: string,
  content: string | Uint8Array,
  mode: number,
): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode });
  fill(file, content);
}

/**
 * Writes a file that was created to reserve its space, and syncs it: as long as
 * the content is no longer than that, no other space is needed.
 *
 * @param path The file.
 * @param content What is in it then.
 * @throws {Error} When it is gone, or cannot be written.
 */
export function refillFile(path: string, content: string): void {
  using file = Deno.openSync(path, { write: true });
  fill(file, content);
}

function fill(file: Deno.FsFile, content: string | Uint8Array): void {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  for (let at = 0; at < bytes.length;) {
    at += file.writeSync(bytes.subarray(at));
  }
  file.truncateSync(bytes.length);
  file.syncSync();
}

/**
 * Waits until a file, or the names in a directory, are on the disk. Windows
 * cannot open directories, and does not need it for them.
 *
 * @param path The file or directory.
 * @throws {Error} When it cannot be opened.
 */
export function syncPath(path: string): void {
  if (OS === "windows") return;
  using file = Deno.openSync(path, { read: true });
  file.syncSync();
}

/**
 * Replaces a file atomically: the new one is created under another name in the
 * same directory first. A link at the path is replaced, not followed.
 *
 * @param path The file.
 * @param content The new content.
 * @param mode The new one's permission bits.
 * @throws {Error} When it cannot be done; the old file is then unchanged.
 */
export function replaceFile(
  path: string,
  content: string | Uint8Array,
  mode: number,
): void {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    createFile(temporary, content, mode);
    renameFile(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
}
