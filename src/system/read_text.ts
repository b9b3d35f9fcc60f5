import { decodeText } from "../base/decode_text.ts";

/** The longest file that is read unless the caller says otherwise, in bytes: 16 MiB. A `config.json` of 10,000 profiles has a tenth of it. */
const LONGEST = 2 ** 24;

/** Why a file is not read, in words and as data. */
export class UnfitFile extends Error {
  /** What it is. */
  readonly is: "directory" | "other" | "too long";

  /**
   * @param is What it is.
   * @param message The same in words.
   */
  constructor(is: UnfitFile["is"], message: string) {
    super(message);
    this.is = is;
  }
}

/** A file that was read, as the runtime describes it. */
interface Read {
  /** Its content. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its metadata. */
  readonly info: Deno.FileInfo;
}

/**
 * Reads a regular file. Links are followed. Anything else is not opened: opening
 * a pipe waits for its writer, and a device may be endless. This is the one place
 * where tdauth reads files; `tools/check_imports.ts` sees to it.
 *
 * @param path The file.
 * @param longest The size limit, in bytes.
 * @returns Its bytes, and its metadata.
 * @throws {UnfitFile} When it is not a regular file, or longer.
 * @throws {Error} When there is none, or it cannot be read.
 */
export function readRegular(path: string, longest = LONGEST): Read {
  check(statOf(path), longest);
  using file = Deno.openSync(path);
  // What was looked at need not be what was opened.
  const info = check(file.statSync(), longest);
  // It may grow in the meantime, and files in /proc report no length.
  let bytes = new Uint8Array(Math.min(longest, info.size || 65_536) + 1);
  let length = 0;
  while (true) {
    const read = file.readSync(bytes.subarray(length));
    if (!read) return { bytes: bytes.subarray(0, length), info };
    length += read;
    if (length > longest) throw tooLong(longest);
    if (length < bytes.length) continue;
    const more = new Uint8Array(Math.min(longest + 1, 2 * length));
    more.set(bytes);
    bytes = more;
  }
}

function statOf(path: string): Deno.FileInfo {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.FilesystemLoop) {
      throw new UnfitFile("other", "it is a link that leads to itself");
    }
    throw error;
  }
}

function check(info: Deno.FileInfo, longest: number): Deno.FileInfo {
  if (info.isDirectory) throw new UnfitFile("directory", "it is a directory");
  if (!info.isFile) throw new UnfitFile("other", "it is a pipe or a device");
  if (info.size > longest) throw tooLong(longest);
  return info;
}

function tooLong(longest: number): UnfitFile {
  return new UnfitFile(
    "too long",
    longest < 2 ** 20
      ? `it is larger than ${longest / 2 ** 10} KiB`
      : `it is larger than ${longest / 2 ** 20} MiB`,
  );
}

/**
 * Reads a text file in UTF-8 or UTF-16, with or without a byte order mark, as
 * {@linkcode readRegular} does.
 *
 * @param path The file.
 * @param longest The size limit, in bytes. Default: 16 MiB.
 * @returns Its text, without the mark; of other bytes what they are in UTF-8, the rest replaced by U+FFFD.
 * @throws {Error} As {@linkcode readRegular}.
 */
export function readTextFile(path: string, longest?: number): string {
  return textOf(readRegular(path, longest));
}

function textOf({ bytes }: Read): string {
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
  return ifThere(() => readTextFile(path));
}

/**
 * Reads what need not exist.
 *
 * @param read Reads it.
 * @returns What it returns; `undefined` when there is no such file.
 * @throws {unknown} What it throws otherwise.
 */
export function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // On the path to a cached token: `isNotFound()` would be another file.
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Reads a text file that is only its user's. In doubt it returns nothing: the
 * caller then does what `private_path.ts` says about such files.
 *
 * @param directory Its directory.
 * @param name Its name in it.
 * @returns Its text; `undefined` when others can access the file or the
 * directory, one of them belongs to another user, or it cannot be read.
 */
export function readPrivateText(
  directory: string,
  name: string,
): string | undefined {
  try {
    if (!isPrivate(Deno.statSync(directory))) return undefined;
    const read = readRegular(`${directory}/${name}`);
    return isPrivate(read.info) ? textOf(read) : undefined;
  } catch {
    return undefined;
  }
}

function isPrivate({ mode, uid }: Deno.FileInfo): boolean {
  // Windows has neither: access is by inherited ACLs.
  return ((mode ?? 0) & 0o077) === 0 && (uid === null || uid === Deno.uid());
}
