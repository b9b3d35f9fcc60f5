import { decodeText } from "../base/decode_text.ts";

/**
 * Reads a text file in UTF-8 or UTF-16, with or without a byte order mark.
 *
 * @param path The file.
 * @returns Its text, without the mark; of other bytes what they are in UTF-8, the rest replaced by U+FFFD.
 * @throws {Error} When there is none, or it cannot be read.
 */
export function readTextFile(path: string): string {
  const bytes = Deno.readFileSync(path);
  return decodeText(bytes) ?? new TextDecoder().decode(bytes);
}

/**
 * Reads a text file that need not exist.
 *
 * @param path The file.
 * @returns Its text; `undefined` when there is none.
 * @throws {Error} When it cannot be read.
 */
export function readTextIfThere(path: string): string | undefined {
  try {
    return readTextFile(path);
  } catch (error) {
    // On the path to a cached token: `isNotFound()` would be another file.
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether an error says that there is no such file: nothing at all, or a directory. */
export function isNoFile(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.IsADirectory;
}
