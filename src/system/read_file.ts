import { type FileStat, fileStat } from "./file_stat.ts";
import { readRegular, UnfitFile } from "./read_text.ts";

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
): RegularFile | UnfitFile["is"] {
  try {
    const { bytes, info } = readRegular(path, longest);
    return { bytes, stat: fileStat(info) };
  } catch (error) {
    if (error instanceof UnfitFile) return error.is;
    throw error;
  }
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
