import { TdauthError } from "../errors.ts";
import { shellWord } from "../shell_word.ts";
import { directoryContent } from "./directory_content.ts";
import { looksLikeTokens } from "./looks_like_tokens.ts";

/** Options of {@linkcode makePrivateDirectory}. */
export interface PrivateDirectoryOptions {
  /** Whether it was ours before: it is then closed, whatever it has become. @default {false} */
  readonly known?: boolean;
}

/**
 * Makes a directory that only its owner can enter, with its parents. One that
 * exists and that others can enter is closed where it is empty or ours. One of
 * another user is refused, and one that is shared with others or other things.
 *
 * @param path The directory.
 * @param options What is known of it.
 * @throws {TdauthError} `cache_unreadable` when it cannot be made or is not ours.
 */
export function makePrivateDirectory(
  path: string,
  options: PrivateDirectoryOptions = {},
): void {
  try {
    let info = infoOf(path);
    // Nearly always it is there, and making it again takes longer than looking.
    if (!info?.isDirectory) {
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
      info = Deno.statSync(path);
    }
    closeDirectory(path, info, options);
  } catch (cause) {
    throw notPrivate(path, cause);
  }
}

/**
 * Does to a directory that exists what {@linkcode makePrivateDirectory} does, and
 * makes none.
 *
 * @param path The directory.
 * @param options What is known of it.
 * @throws {TdauthError} `cache_unreadable` when it is not ours.
 */
export function protectDirectory(
  path: string,
  options: PrivateDirectoryOptions = {},
): void {
  try {
    const info = infoOf(path);
    if (info !== undefined) closeDirectory(path, info, options);
  } catch (cause) {
    // What cannot even be looked at is said by whoever reads it.
    if (cause instanceof Deno.errors.PermissionDenied) return;
    throw notPrivate(path, cause);
  }
}

function closeDirectory(
  path: string,
  info: Deno.FileInfo,
  { known = false }: PrivateDirectoryOptions,
): void {
  if (!info.isDirectory) throw new Deno.errors.NotADirectory();
  if (Deno.build.os === "windows") return; // access there is by inherited ACLs
  refuseForeign(info);
  if (info.mode === null || (info.mode & 0o077) === 0) return;
  const shared = known ? undefined : whyShared(path, info.mode);
  if (shared !== undefined) throw new Shared(shared);
  Deno.chmodSync(path, 0o700);
}

/**
 * Says why a directory that others may enter cannot be closed to them.
 *
 * @param path The directory.
 * @param mode Its mode.
 * @returns The reason; `undefined` when it is empty, or ours by what is in it.
 */
export function whyShared(path: string, mode: number): string | undefined {
  if ((mode & 0o1000) !== 0) return "it is shared by all users";
  // They may have put our files there.
  if ((mode & 0o002) !== 0) return "everybody may write in it";
  if ((mode & 0o077) === 0) return undefined;
  const content = directoryContent(path);
  if (content === "empty") return undefined;
  if ((mode & 0o020) !== 0) return "its group may write in it";
  return content === "own"
    ? undefined
    : "others may enter it, and it holds other things";
}

/**
 * Says whether a directory of another user is one to make ours, and not the
 * system's or one that is shared.
 *
 * @param path The directory, which exists.
 */
export function mayBeMadeOurs(path: string): boolean {
  try {
    return whyShared(path, Deno.statSync(path).mode ?? 0) === undefined;
  } catch {
    return true; // nobody else may even look into it
  }
}

/** What to do about a directory that is shared. */
export const OWN_DIRECTORY: string =
  "name a directory of its own with TD_CONFIG_DIR or --config-dir";

/** Why a directory is not for us. */
class Shared extends Error {}

function notPrivate(path: string, cause: unknown): TdauthError {
  const word = shellWord(path);
  const why = cause instanceof Deno.errors.NotADirectory ||
      cause instanceof Deno.errors.AlreadyExists
    ? "it is not a directory"
    : reason(cause);
  return new TdauthError(
    "cache_unreadable",
    `Cannot use the directory "${path}": ${why}`,
    { hint: hintFor(path, word, cause), cause },
  );
}

function hintFor(path: string, word: string, cause: unknown): string {
  if (cause instanceof Shared) {
    return `${OWN_DIRECTORY}; it is made if need be`;
  }
  // What is above it is often nobody's to change: a home that is read-only.
  return isDirectory(path) && mayBeMadeOurs(path)
    ? `name another directory with TD_CONFIG_DIR or --config-dir, or make this one yours: sudo chown "$(id -un)" ${word} && chmod 700 ${word}`
    : "name another directory with TD_CONFIG_DIR or --config-dir";
}

/**
 * Says whether a path leads to a directory, links followed.
 *
 * @param path The path.
 */
export function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/**
 * Takes away what others may do with a token file. A link is left as it is: the
 * next write replaces it, and what it points to is not ours. So is a directory,
 * and a file that holds something else than tokens.
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
      // Whoever reads it says what is wrong with another's.
      if (!looksLikeTokens(Deno.readTextFileSync(path))) return true;
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
