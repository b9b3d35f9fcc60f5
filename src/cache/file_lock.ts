import { TdauthError } from "../errors.ts";
import { reason } from "./atomic_file.ts";
import { inTurn, orAborted } from "./queue.ts";
import type { ExclusiveOptions } from "./token_cache.ts";

/**
 * Runs a function while nobody else, in this process or in another, runs one
 * under the same lock file. The lock is the operating system's: it ends with
 * the process that holds it, however that ends.
 *
 * @param path The lock file; made if need be and left behind, for removing it would
 * let two processes lock two files of the same name.
 * @param run The function.
 * @param options Its signal ends the wait, not the run.
 * @returns What the function returns.
 * @throws {TdauthError} `cache_unreadable` when the lock file cannot be opened.
 */
export function withFileLock<T>(
  path: string,
  run: () => Promise<T>,
  options: ExclusiveOptions = {},
): Promise<T> {
  // One process takes the file lock once at a time: whoever waits here costs no file and no thread.
  return inTurn(path, async () => {
    const file = open(path);
    try {
      const locked = file.lock(true);
      // Closing the file while its lock is awaited would leave that promise to nobody.
      locked.catch(() => {});
      await orAborted(locked, options.signal);
      return await run();
    } finally {
      file.close(); // which also unlocks
    }
  }, options);
}

function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, {
      read: true,
      write: true,
      create: true,
      mode: 0o600,
    });
  } catch (cause) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot open the lock file "${path}": ${reason(cause)}`,
      {
        hint: "make the directory writable",
        cause,
      },
    );
  }
}
