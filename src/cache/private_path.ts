import { TdauthError } from "../errors.ts";
import { shellWord } from "../shell_word.ts";

/**
 * Makes a directory that only its owner can enter, with its parents. One that
 * exists and that others can read is tightened; one of another user is refused.
 *
 * @param path The directory.
 * @throws {TdauthError} `cache_unreadable` when it cannot be made or is not ours.
 */
export function makePrivateDirectory(path: string): void {
  try {
    let info = infoOf(path);
    // Nearly always it is there, and making it again takes longer than looking.
    if (!info?.isDirectory) {
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
      info = Deno.statSync(path);
    }
    if (Deno.build.os === "windows") return; // access there is by inherited ACLs
    refuseForeign(info);
    if (info.mode !== null && (info.mode & 0o077) !== 0) {
      Deno.chmodSync(path, 0o700);
    }
  } catch (cause) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot use the directory "${path}": ${reason(cause)}`,
      {
        hint: `make it yours: mkdir -p ${
          shellWord(path)
        } && chown "$(id -un)" ${shellWord(path)} && chmod 700 ${
          shellWord(path)
        }`,
        cause,
      },
    );
  }
}

/**
 * Takes away what others may do with a file. A link is left as it is: the next
 * write replaces it, and what it points to is not ours. So is a directory.
 *
 * @param path The file.
 * @returns Whether something is there; a link that leads nowhere is nothing.
 * @throws {TdauthError} `cache_unreadable` when that is not possible.
 */
export function makePrivateFile(path: string): boolean {
  try {
    const info = Deno.lstatSync(path);
    if (!info.isFile) return infoOf(path) !== undefined;
    if (Deno.build.os === "windows") return true;
    refuseForeign(info);
    if (info.mode !== null && (info.mode & 0o077) !== 0) {
      Deno.chmodSync(path, 0o600);
    }
    return true;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return false;
    throw new TdauthError(
      "cache_unreadable",
      `Cannot protect "${path}": ${reason(cause)}`,
      {
        hint: `make it yours: chown "$(id -un)" ${
          shellWord(path)
        } && chmod 600 ${shellWord(path)}`,
        cause,
      },
    );
  }
}

/** What is at a path, links followed; `undefined` when nothing is. */
function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Another user who owns a directory can put files of their own choice into it, and root would follow. */
function refuseForeign(info: Deno.FileInfo): void {
  const user = userId();
  if (user !== null && info.uid !== null && info.uid !== user) {
    throw new Error("it belongs to another user");
  }
}

/** Our user's id; unknown to a script without the permission to ask (`--allow-sys`). */
function userId(): number | null {
  try {
    return Deno.uid();
  } catch {
    return null;
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
