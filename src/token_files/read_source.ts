import { TdauthError } from "../errors.ts";

/** No program's token file is larger. */
const LARGEST = 1024 * 1024;

/** A file that was read. */
export interface Source {
  /** What is in it. */
  readonly bytes: Uint8Array;
  /** Whether others than its owner may read it. */
  readonly exposed: boolean;
}

/**
 * Reads a file that may be another program's token file. A link is followed;
 * whatever it leads to must be a file of 1 MiB at most. Nothing is changed.
 *
 * @param path The file.
 * @returns What is in it.
 * @throws {TdauthError} `token_file_failed` when it cannot be read.
 */
export function readSource(path: string): Source {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (cause) {
    throw unreadable(
      path,
      isLink(path) ? "the link leads nowhere" : why(cause),
    );
  }
  if (info.isDirectory) throw unreadable(path, "it is a directory");
  // Opening a pipe waits for its writer, and a device may never end.
  if (!info.isFile) throw unreadable(path, "it is a pipe or a device");
  if (info.size > LARGEST) throw unreadable(path, "it is larger than 1 MiB");
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (cause) {
    throw unreadable(path, why(cause));
  }
  if (bytes.length > LARGEST) throw unreadable(path, "it is larger than 1 MiB");
  return {
    bytes,
    exposed: Deno.build.os !== "windows" && info.mode !== null &&
      (info.mode & 0o077) !== 0,
  };
}

/**
 * Reads what is piped in, up to 1 MiB.
 *
 * @param chunks What comes.
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

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

function why(cause: unknown): string {
  return cause instanceof Deno.errors.NotFound
    ? "there is no such file"
    : cause instanceof Deno.errors.PermissionDenied
    ? "permission denied"
    : "it cannot be opened";
}

function unreadable(path: string, reason: string): TdauthError {
  return new TdauthError(
    "token_file_failed",
    `Cannot read "${path}": ${reason}`,
    { hint: "name the file that the other program keeps its tokens in" },
  );
}
