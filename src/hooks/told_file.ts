import { deadline } from "../base/deadline.ts";
import type { Log } from "../base/log.ts";
import { updateFile } from "../system/atomic_file.ts";
import { withoutSlash } from "../system/config_dir.ts";
import { withFileLock } from "../system/file_lock.ts";
import { makePrivateDirectory } from "../system/private_path.ts";
import { readTextIfThere } from "../system/read_text.ts";
import { errorText } from "../system/system_error.ts";
import {
  formatTold,
  NOTHING_TOLD,
  parseTold,
  type ToldState,
} from "./told_text.ts";

/** How long, in milliseconds, to wait for another process that is deciding, which takes a few. */
const LONGEST_WAIT = 10_000;

/** The file of what hooks were told, beside the token files. */
export interface ToldFile {
  /**
   * Changes what is kept, while no other process does.
   *
   * @param change Called again where there is something to write. Returns the new state for the old one, and what the caller wants to know; the same state is not written.
   * @returns What the caller wants to know.
   * @throws {TdauthError} `busy` or `cache_unreadable` when another process does not release the lock, or it cannot be created.
   */
  change<T>(
    change: (
      state: ToldState,
    ) => { readonly state: ToldState; readonly result: T },
  ): Promise<T>;
}

/**
 * Opens the file of what hooks were told. It never stands in the way of a hook:
 * damaged, it counts as empty; where it cannot be written, this process remembers
 * by itself.
 *
 * @param directory The directory of the token files.
 * @param log Hears that it cannot be written.
 * @returns The file; nothing is read or created yet.
 */
export function toldFile(directory: string, log: Log): ToldFile {
  const path = `${withoutSlash(directory)}/.hooks.json`;
  const lock = `${withoutSlash(directory)}/.hooks.lock`;
  /** What could not be written. */
  let unwritten: ToldState | undefined;
  return {
    async change(change) {
      if (unwritten === undefined) {
        // Mostly nothing is new: then no lock is taken, and nothing written.
        const before = read(path);
        const { state, result } = change(before);
        if (state === before) return result;
      }
      prepared(directory);
      using limit = deadline(LONGEST_WAIT);
      return await withFileLock(lock, () => {
        const before = unwritten ?? read(path);
        const { state, result } = change(before);
        if (state !== before || unwritten !== undefined) {
          unwritten = written(path, state, log, unwritten === undefined);
        }
        return Promise.resolve(result);
      }, { signal: limit.signal });
    },
  };
}

/** Where it cannot be created, writing says so. */
function prepared(directory: string): void {
  try {
    makePrivateDirectory(directory);
  } catch {
    // See above.
  }
}

function read(path: string): ToldState {
  try {
    return parseTold(readTextIfThere(path) ?? "");
  } catch {
    return NOTHING_TOLD;
  }
}

/** Returns what this process must remember, because it could not be written. */
function written(
  path: string,
  state: ToldState,
  log: Log,
  isFirst: boolean,
): ToldState | undefined {
  try {
    updateFile(path, () => formatTold(state));
    return undefined;
  } catch (error) {
    if (isFirst) {
      log(
        "warning",
        `Cannot keep what hooks were told, so that another process will tell it again: ${
          errorText(error)
        }`,
      );
    }
    return state;
  }
}
