import { isAbsolute, withoutSlash } from "../system/config_dir.ts";

/**
 * Puts the path of a cache's file together.
 *
 * @param directory Its directory.
 * @param filename Its name in it.
 * @returns The path.
 * @throws {TypeError} When the directory is not absolute or the name has a directory in it.
 */
export function cachePath(directory: string, filename: string): string {
  if (!isAbsolute(directory)) {
    throw new TypeError(
      `Cannot open a DiskCache in "${directory}": the path is not absolute`,
    );
  }
  if (
    filename === "" || filename === "." || filename === ".." ||
    /[/\\\0]/.test(filename)
  ) {
    throw new TypeError(
      `Cannot open a DiskCache named "${filename}": that is not a file name`,
    );
  }
  return `${withoutSlash(directory)}/${filename}`;
}
