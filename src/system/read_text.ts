/**
 * Reads a text file.
 *
 * @param path The file.
 * @returns Its text.
 * @throws {Error} When there is none, or it cannot be read.
 */
export function readTextFile(path: string): string {
  return Deno.readTextFileSync(path);
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
