import { TdauthError } from "../base/errors.ts";
import { isLink, isOpenToOthers } from "../system/file_stat.ts";
import { readRegularFile } from "../system/read_file.ts";
import { isDenied, isNotFound } from "../system/system_error.ts";

/** The largest token file, in bytes. */
const LARGEST = 1024 * 1024;

/** A file that was read. */
export interface Source {
  /** Its content. */
  readonly bytes: Uint8Array;
  /** Whether users other than its owner may read it. */
  readonly exposed: boolean;
}

/**
 * Reads a file that may be another program's token file. A link is followed; its
 * target must be a file of at most 1 MiB. Nothing is changed.
 *
 * @param path The file.
 * @returns Its content.
 * @throws {TdauthError} `token_file_failed` when it cannot be read.
 */
export function readSource(path: string): Source {
  let read: ReturnType<typeof readRegularFile>;
  try {
    read = readRegularFile(path, LARGEST);
  } catch (cause) {
    throw unreadable(path, why(path, cause));
  }
  switch (read) {
    case "directory":
      throw unreadable(path, "it is a directory");
    case "other":
      throw unreadable(path, "it is a pipe or a device");
    case "too long":
      throw unreadable(path, "it is larger than 1 MiB");
    default:
      return { bytes: read.bytes, exposed: isOpenToOthers(read.stat) };
  }
}

/**
 * Reads piped input, up to 1 MiB.
 *
 * @param chunks The input.
 * @returns All of it.
 * @throws {TdauthError} `token_file_failed` when there is more.
 */
export async function readPiped(
  chunks: AsyncIterable<Uint8Array>,
): Promise<Source> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > LARGEST) throw unreadable("-", "it is larger than 1 MiB");
    parts.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, exposed: false };
}

function why(path: string, cause: unknown): string {
  if (isDenied(cause)) return "permission denied";
  if (isLink(path)) return "the link is dangling";
  return isNotFound(cause) ? "there is no such file" : "it cannot be opened";
}

function unreadable(path: string, reason: string): TdauthError {
  return new TdauthError(
    "token_file_failed",
    `Cannot read "${path}": ${reason}`,
    { hint: "use the other program's token file" },
  );
}
