import { type FileStat, fileStat } from "./file_stat.ts";

/**
 * Reads a whole file, or a pipe to its end, without blocking the event loop.
 *
 * @param path The file.
 * @returns Its bytes.
 * @throws {Error} When there is none, or it cannot be read.
 */
export function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(path);
}

/** A regular file that was read. */
export interface RegularFile {
  /** Its content. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its metadata. */
  readonly stat: FileStat;
}

/**
 * Reads a regular file that may be another program's, and is not expected to be
 * long. Links are followed. Anything else is not opened: opening a pipe waits for
 * its writer, and a device may be endless.
 *
 * @param path The file.
 * @param longest The size limit, in bytes.
 * @returns The file, or why it was not read.
 * @throws {Error} When there is none, or it cannot be read.
 */
export function readRegularFile(
  path: string,
  longest: number,
): RegularFile | "directory" | "other" | "too long" {
  const stat = fileStat(Deno.statSync(path));
  if (stat.kind === "directory") return "directory";
  if (stat.kind !== "file") return "other";
  if (stat.size > longest) return "too long";
  // It may grow in the meantime, and files in /proc report no length.
  const bytes = readStart(path, longest + 1);
  return bytes.length > longest ? "too long" : { bytes, stat };
}

/**
 * Reads the start of a file.
 *
 * @param path The file.
 * @param most How many bytes are read, at most.
 * @returns The bytes.
 * @throws {Error} When there is none, or it cannot be read.
 */
export function readStart(
  path: string,
  most: number,
): Uint8Array<ArrayBuffer> {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(most);
  let length = 0;
  while (length < most) {
    const read = file.readSync(bytes.subarray(length));
    if (!read) break;
    length += read;
  }
  return bytes.slice(0, length);
}
