import { OS, userId } from "./os.ts";

/** The system's metadata of a path. */
export interface FileStat {
  /** A regular file, a directory, a symbolic link, or anything else, such as a pipe or a device. */
  readonly kind: "file" | "directory" | "link" | "other";
  /** Its length in bytes. */
  readonly size: number;
  /** Its permission bits, as of `chmod`; `undefined` on Windows, where access is by inherited ACLs. */
  readonly mode: number | undefined;
  /** Its owner's id; `undefined` on Windows. */
  readonly uid: number | undefined;
  /** Its group's id; `undefined` on Windows. */
  readonly gid: number | undefined;
  /** Its number on its file system; `undefined` where there is none. */
  readonly inode: number | undefined;
  /** How many hard links it has; `undefined` where that is unknown. */
  readonly links: number | undefined;
  /** When it was last written, in milliseconds since the epoch. */
  readonly modified: number | undefined;
}

/**
 * Returns the metadata of a path; links are followed.
 *
 * @param path The path.
 * @returns What is there; `undefined` where nothing is.
 * @throws {Error} When the system does not let it be looked at.
 */
export function statOf(path: string): FileStat | undefined {
  return orNothing(() => Deno.statSync(path));
}

/**
 * Returns the metadata of a path; links are not followed.
 *
 * @param path The path.
 * @returns What is there; `undefined` where nothing is.
 * @throws {Error} When the system does not let it be looked at.
 */
export function lstatOf(path: string): FileStat | undefined {
  return orNothing(() => Deno.lstatSync(path));
}

/** Whether a path leads to a directory, as far as can be seen; links are followed. */
export function isDirectory(path: string): boolean {
  return visible(() => statOf(path))?.kind === "directory";
}

/** Whether a path leads to a regular file, as far as can be seen; links are followed. */
export function isFile(path: string): boolean {
  return visible(() => statOf(path))?.kind === "file";
}

/** Whether a path is a symbolic link, as far as can be seen. */
export function isLink(path: string): boolean {
  return visible(() => lstatOf(path))?.kind === "link";
}

/** Whether something has this name, as far as can be seen; also a dangling link. */
export function isThere(path: string): boolean {
  return visible(() => lstatOf(path)) !== undefined;
}

/** Whether users other than its owner have any access; always `false` on Windows. */
export function isOpenToOthers(stat: FileStat | undefined): boolean {
  return ((stat?.mode ?? 0) & 0o077) !== 0;
}

/** Whether it belongs to another user, as far as known. */
export function isForeign({ uid }: FileStat): boolean {
  const user = userId();
  return user !== undefined && uid !== undefined && uid !== user;
}

/**
 * Converts the runtime's metadata.
 *
 * @param info The runtime's metadata.
 * @returns The metadata.
 */
export function fileStat(info: Deno.FileInfo): FileStat {
  return {
    kind: info.isFile
      ? "file"
      : info.isDirectory
      ? "directory"
      : info.isSymlink
      ? "link"
      : "other",
    size: info.size,
    mode: OS === "windows" || info.mode === null
      ? undefined
      : info.mode & 0o7777,
    uid: info.uid ?? undefined,
    gid: info.gid ?? undefined,
    inode: info.ino ?? undefined,
    links: info.nlink ?? undefined,
    modified: info.mtime?.getTime(),
  };
}

function orNothing(look: () => Deno.FileInfo): FileStat | undefined {
  try {
    return fileStat(look());
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function visible<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
