import { TdauthError } from "../errors.ts";

/** How old, in milliseconds, a temporary file of a dead writer must be to be swept. */
const STALE_AFTER = 60_000;
const TEMPORARY = /^\.(.+)\.[0-9a-f]{32}\.tmp$/;

/** The directory part of a path; `/` and, on Windows, `\` both separate. */
export function directoryOf(path: string): string {
  const end = Deno.build.os === "windows"
    ? Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"))
    : path.lastIndexOf("/");
  return end <= 0 ? path.slice(0, end + 1) || "." : path.slice(0, end);
}

/**
 * Makes a directory that only its owner can enter, with its parents. One that
 * exists and that others can read is tightened; one of another user is refused.
 *
 * @param path The directory.
 * @throws {TdauthError} `cache_unreadable` when it cannot be made or is not ours.
 */
export function makePrivateDirectory(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    if (Deno.build.os === "windows") return; // access there is by inherited ACLs
    const info = Deno.statSync(path);
    if (info.mode !== null && (info.mode & 0o077) !== 0) {
      Deno.chmodSync(path, 0o700);
    }
  } catch (cause) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot use the directory "${path}": ${reason(cause)}`,
      {
        hint:
          `make it yours: mkdir -p '${path}' && chown "$(id -un)" '${path}' && chmod 700 '${path}'`,
        cause,
      },
    );
  }
}

/**
 * Takes away what others may do with a file. A link is left as it is: the next
 * write replaces it, and what it points to is not ours.
 *
 * @param path The file.
 * @throws {TdauthError} `cache_unreadable` when that is not possible.
 */
export function makePrivateFile(path: string): void {
  if (Deno.build.os === "windows") return;
  try {
    const info = Deno.lstatSync(path);
    if (!info.isSymlink && info.mode !== null && (info.mode & 0o077) !== 0) {
      Deno.chmodSync(path, 0o600);
    }
  } catch (cause) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot protect "${path}": ${reason(cause)}`,
      {
        hint:
          `make it yours: chown "$(id -un)" '${path}' && chmod 600 '${path}'`,
        cause,
      },
    );
  }
}

/**
 * Replaces a file's content so that after a crash at any moment the old or the
 * new content is there, whole: a new file is made beside it, written, synced to
 * the disk, and renamed over it; then the directory is synced. It is readable by
 * its owner alone, and a link planted at the path is replaced, not followed.
 * Old temporary files of writers that died are removed.
 *
 * @param path The file.
 * @param text Its new content.
 * @throws {TdauthError} `cache_unreadable` when it cannot be written; the old file is then as it was.
 */
export function writeFileAtomic(path: string, text: string): void {
  const directory = directoryOf(path);
  const name = path.slice(directory === "/" ? 1 : directory.length + 1);
  const temporary = `${directory}/.${name}.${
    crypto.randomUUID().replaceAll("-", "")
  }.tmp`;
  let made = false;
  try {
    const file = Deno.openSync(temporary, {
      write: true,
      createNew: true,
      mode: 0o600,
    });
    made = true;
    try {
      const bytes = new TextEncoder().encode(text);
      let written = 0;
      while (written < bytes.length) {
        written += file.writeSync(bytes.subarray(written));
      }
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(temporary, path);
    made = false;
    syncDirectory(directory);
  } catch (cause) {
    if (made) removeQuietly(temporary);
    throw new TdauthError(
      "cache_unreadable",
      `Cannot write "${path}": ${reason(cause)}`,
      {
        hint:
          "free some space or make the directory writable, then run the command again; the old file is unchanged",
        cause,
      },
    );
  }
  sweep(directory, name);
}

/** The rename is only durable once the directory is; where directories cannot be opened (Windows) it is anyway. */
function syncDirectory(directory: string): void {
  if (Deno.build.os === "windows") return;
  const handle = Deno.openSync(directory, { read: true });
  try {
    handle.syncSync();
  } finally {
    handle.close();
  }
}

function sweep(directory: string, name: string): void {
  try {
    for (const entry of Deno.readDirSync(directory)) {
      if (TEMPORARY.exec(entry.name)?.[1] !== name) continue;
      const path = `${directory}/${entry.name}`;
      const modified = Deno.lstatSync(path).mtime?.getTime() ?? Date.now();
      if (Date.now() - modified > STALE_AFTER) removeQuietly(path);
    }
  } catch {
    // Sweeping is housekeeping: the write itself has succeeded.
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is gone already, or the next sweep takes it.
  }
}

/** A cause as a few words, without the path that the message names already. */
export function reason(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "it does not exist";
  if (cause instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (cause instanceof Deno.errors.NotCapable) {
    return "this script was not given the permission (--allow-read, --allow-write)";
  }
  if (cause instanceof Deno.errors.AlreadyExists) {
    return "a file of that name is in the way";
  }
  if (cause instanceof Error) {
    return cause.message.replace(/\s*\(os error \d+\).*$/s, "");
  }
  return String(cause);
}
