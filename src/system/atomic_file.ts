import { TdauthError } from "../base/errors.ts";
import { lockBriefly, type WriteLock } from "./file_lock.ts";
import { lockStateOf } from "./lock_state.ts";
import { RESERVED, TEMPORARY } from "./own_files.ts";
import {
  createFile,
  directoryOf,
  entriesOf,
  refillFile,
  removeQuietly,
  renameFile,
  syncPath,
} from "./files.ts";
import { ForeignTargetError, targetOf } from "./link_target.ts";
import { readTextIfThere, UnfitFile } from "./read_text.ts";
import { shellWord } from "../base/shell_word.ts";
import { isBusy, isReadOnly, reason } from "./system_error.ts";

export { directoryOf } from "./files.ts";

/** Options of {@linkcode updateFile}. */
export interface UpdateOptions {
  /** The write lock, which the caller holds. @default {it is taken} */
  readonly lock?: WriteLock;
  /** A file in the same directory that reserves the space: the content is written into it, if it is still there. */
  readonly reserved?: string;
}

/**
 * Replaces a file's content so that after a crash at any moment the old or the
 * new content is there, whole: a new file is created beside it, written, synced
 * to the disk, and renamed over it; then the directory is synced. Only its owner
 * can read it. What a link at the path leads to is replaced if it has content,
 * and is the user's; otherwise the link is, for it may have been planted.
 *
 * Writers in one directory take turns, so nothing that another process writes
 * between the read and the write is lost, and a leftover temporary file is a dead
 * writer's: it is removed.
 *
 * @param path The file.
 * @param update Returns the new content for the old one, which is `undefined`
 * when there is no file. It is called again if another process had to write
 * meanwhile, because this one was suspended for long.
 * @param options The lock, and reserved space.
 * @throws {TdauthError} `cache_unreadable` when it cannot be written; the old
 * file is then unchanged.
 */
export function updateFile(
  path: string,
  update: (old: string | undefined) => string,
  options: UpdateOptions = {},
): void {
  using own = options.lock === undefined ? lockWrites(path) : undefined;
  const lock = options.lock ?? own;
  do {
    const old = readText(path);
    const text = update(old);
    try {
      const target = fileToReplace(path, old);
      const temporary = written(path, target, text, options.reserved);
      // Another process has written meanwhile: it did not wait for one that is suspended.
      const isNew = lock?.isOvertaken() && readText(path) !== old;
      if (isNew) removeQuietly(temporary);
      else return moveInto(target, temporary);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  } while (true);
}

/**
 * Returns the file that {@linkcode updateFile} replaces.
 *
 * @param path The file, or a link.
 * @param old Its content.
 * @throws {Error} As {@linkcode targetOf}.
 */
export function fileToReplace(path: string, old: string | undefined): string {
  return holdsNothing(old) ? path : targetOf(path);
}

/** Nothing that anybody would miss. */
function holdsNothing(text = ""): boolean {
  // deno-lint-ignore no-control-regex -- zeros are what a power cut leaves
  return /^\s*(?:null|\[\]|\{\}|\x00*)\s*$/.test(text);
}

/** Writes a text beside its file, and returns where. */
function written(
  path: string,
  target: string,
  text: string,
  reserved?: string,
): string {
  const directory = directoryOf(target);
  if (reserved !== undefined && directoryOf(reserved) === directory) {
    try {
      refillFile(reserved, text);
      return reserved;
    } catch {
      removeQuietly(reserved); // it has a space of its own then, or none
    }
  }
  const name = target.slice(directory === "/" ? 1 : directory.length + 1);
  const random = crypto.randomUUID().replaceAll("-", "");
  const temporary = `${directory}/.${name}.${random}.tdauth.tmp`;
  // The lock is for the files beside it.
  sweep(directory, directory === directoryOf(path) ? undefined : name);
  try {
    createFile(temporary, text, 0o600);
    return temporary;
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
}

function moveInto(path: string, temporary: string): void {
  try {
    renameFile(temporary, path);
    // The rename is only durable once the directory is.
    syncPath(directoryOf(path));
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
}

/**
 * Proves that a file can be replaced, by replacing it with itself; a new one is
 * made and removed.
 *
 * @param path The file.
 * @param check Throws when its content is another program's.
 * @throws {TdauthError} `cache_unreadable` when it cannot be replaced.
 */
export function proveReplaceable(
  path: string,
  check: (text: string) => void,
): void {
  using lock = lockWrites(path);
  let isNew = false;
  updateFile(path, (old) => {
    isNew = old === undefined;
    check(old ?? "");
    return old ?? "";
  }, { lock });
  if (isNew) removeQuietly(path);
}

/**
 * Takes the write lock of a file's directory, for one write.
 *
 * @param path The file.
 * @returns The lock; disposing it releases it.
 * @throws {TdauthError} As {@linkcode lockBriefly}.
 */
export function lockWrites(path: string): WriteLock {
  return lockBriefly(writeLockOf(path));
}

/** The lock file of the writes in a file's directory. */
export function writeLockOf(path: string): string {
  return `${directoryOf(path)}/.write.lock`;
}

/**
 * Reads a file.
 *
 * @param path The file.
 * @returns Its text, or `undefined` when there is none.
 * @throws {TdauthError} `cache_unreadable` when it is there and cannot be read.
 */
export function readText(path: string): string | undefined {
  try {
    return readTextIfThere(path);
  } catch (cause) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot read "${path}": ${reason(cause)}`,
      {
        hint: cause instanceof UnfitFile && cause.is !== "directory"
          ? `move it away: mv ${shellWord(path)} ${shellWord(`${path}.old`)}`
          : `take ownership: chown "$(id -un)" ${
            shellWord(path)
          } && chmod 600 ${shellWord(path)}`,
        cause,
      },
    );
  }
}

/**
 * A process sweeps a directory with more entries than this once in so many
 * milliseconds: with thousands of profiles, looking for leftovers would take
 * longer than all else of a write.
 */
const MANY = 1000;
const SWEEP_EVERY = 60_000;
const sweptAt = new Map<string, number>();

/** Removes what dead writers left: of one file, or of all. */
function sweep(directory: string, only?: string): void {
  const last = sweptAt.get(directory);
  if (last !== undefined && performance.now() - last < SWEEP_EVERY) return;
  sweptAt.delete(directory);
  let entries = 0;
  try {
    for (const { name } of entriesOf(directory)) {
      if (++entries === MANY) sweptAt.set(directory, performance.now());
      const of = TEMPORARY.exec(name)?.[1];
      const isDead = of === undefined
        ? isUnlocked(directory, name)
        : only === undefined || of === only;
      if (isDead) removeQuietly(`${directory}/${name}`);
    }
  } catch {
    // Sweeping is housekeeping: the write does not depend on it.
  }
}

/** Whether a file reserves space for work that no process does any more. */
function isUnlocked(directory: string, name: string): boolean {
  const [whole, of, work] = RESERVED.exec(name) ?? [];
  if (whole === undefined) return false;
  try {
    return lockStateOf(`${directory}/.${of}.${work}.lock`) === "free";
  } catch {
    return false; // it is locked elsewhere: a link leads here
  }
}

/**
 * The error for a file that cannot be written.
 *
 * @param path The file.
 * @param cause What the runtime threw.
 * @returns The error, with what to do.
 */
export function unwritable(path: string, cause: unknown): TdauthError {
  return new TdauthError(
    "cache_unreadable",
    `Cannot write "${path}": ${reason(cause)}`,
    { hint: whatToDo(cause), cause },
  );
}

function whatToDo(cause: unknown): string {
  if (cause instanceof ForeignTargetError) {
    return "replace the link with a file of your own, or lead it to one; the old file is unchanged";
  }
  if (isBusy(cause)) {
    return "it is mounted by itself: mount its directory instead, or use another one with TD_TOKEN_DIR for the tokens, TD_CONFIG_DIR for everything; the old file is unchanged";
  }
  if (isReadOnly(cause)) {
    return "use a writable directory with TD_TOKEN_DIR for the tokens, TD_CONFIG_DIR for everything; the old file is unchanged";
  }
  return "free some space or make the directory writable, then retry; the old file is unchanged";
}
