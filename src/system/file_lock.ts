import { TdauthError } from "../base/errors.ts";
import { abortable } from "../base/abortable.ts";
import { deadline } from "../base/deadline.ts";
import { type WaitOptions, withMutex } from "../base/mutex.ts";
import { type FileStat, statOf } from "./file_stat.ts";
import {
  eraseHolder,
  type LockHolder,
  readHolder,
  writeHolder,
} from "./lock_holder.ts";
import {
  isDenied,
  isNotPermitted,
  isReadOnly,
  reason,
} from "./system_error.ts";

/** How long, in milliseconds, a waiter sleeps between two tries, at first and at most. */
const FIRST_NAP = 1;
const LONGEST_NAP = 20;
/** How often, in milliseconds, a waiter is told who holds the lock. */
const TELL_EVERY = 1000;
/** How long, in milliseconds, a write may wait for another, which takes about one. */
const LONGEST_MOMENT = 5_000;
/** How long, in milliseconds, a writer may hold its lock and write without looking whether another one has. */
const LONGEST_HOLD = 6_000;
/** How much longer, in milliseconds, what cannot be had again waits. */
const MARGIN = 2_000;

/** Options of {@linkcode withFileLock}. */
export interface FileLockOptions extends WaitOptions {
  /** What this process was called by, for others that wait. @default {the script's name} */
  readonly command?: string | undefined;
  /** Called every second while another process holds the lock, with that process where it is known. */
  readonly onWait?: ((holder: LockHolder | undefined) => void) | undefined;
}

/**
 * Runs a function while no other one, in this process or in another, runs under
 * the same lock file. The lock is the operating system's: it ends with the
 * process that holds it, however that ends. Waiting leaves the event loop free.
 *
 * @param path The lock file; created if necessary and never removed, because
 * removing it would let two processes lock two files of the same name.
 * @param run The function.
 * @param options What others are told, and what this caller is; its signal ends the wait, not the run.
 * @returns What the function returns.
 */
export function withFileLock<T>(
  path: string,
  run: () => Promise<T>,
  options: FileLockOptions = {},
): Promise<T> {
  // A process takes the file lock once at a time: waiting here costs no file and no thread.
  return withMutex(path, async () => {
    using file = tryOpen(path); // closing it unlocks
    if (file === undefined) return await run();
    await lock(file, options);
    writeHolder(file, options.command);
    try {
      return await run();
    } finally {
      eraseHolder(file);
    }
  }, options);
}

async function lock(
  file: Deno.FsFile,
  { signal, onWait }: FileLockOptions,
): Promise<void> {
  if ("tryLockSync" in file && takes(file)) return;
  const teller = onWait &&
    setInterval(() => onWait(readHolder(file)), TELL_EVERY);
  try {
    await waitFor(file, signal);
  } finally {
    clearInterval(teller);
  }
}

async function waitFor(
  file: Deno.FsFile,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!("tryLockSync" in file)) { // Deno before 2.9
    const locked = (file as Deno.FsFile).lock(true);
    locked.catch(() => {}); // closing the file abandons it
    return await abortable(locked, signal);
  }
  // Not lock(): a pending one would keep the process alive after the signal.
  for (
    let nap = FIRST_NAP;
    !takes(file);
    nap = Math.min(nap * 2, LONGEST_NAP)
  ) {
    signal?.throwIfAborted();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, nap * (0.5 + Math.random()));
    try {
      await abortable(promise, signal);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The lock of one write. */
export interface WriteLock extends Disposable {
  /**
   * Whether another process may have written meanwhile: this one has held the
   * lock for so long that no other waits for it any more, as when it is suspended.
   * Asking starts the time anew.
   */
  readonly isOvertaken: () => boolean;
}

/**
 * Takes a lock synchronously, for one write.
 *
 * @param path The lock file.
 * @returns The lock; disposing it releases it.
 * @throws {TdauthError} `cache_unreadable` when the lock file cannot be opened;
 * `busy` when another process holds the lock for seconds.
 */
export function lockBriefly(path: string): WriteLock {
  const file = open(path);
  if (!("tryLockSync" in file)) {
    (file as Deno.FsFile).lockSync(true);
    return writeLock(file);
  }
  const end = performance.now() + LONGEST_MOMENT;
  while (!takes(file)) {
    if (performance.now() > end) {
      file.close();
      throw new TdauthError(
        "busy",
        `Cannot write in the directory of "${path}": another process has held the write lock for ${
          LONGEST_MOMENT / 1000
        } seconds`,
        {
          hint: "check for a hung or suspended tdauth process, and end it",
        },
      );
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FIRST_NAP);
  }
  return writeLock(file);
}

/**
 * Takes a lock to write what cannot be had again, such as tokens that replace
 * those in the file. It waits longer than any holder may hold the lock, and then
 * no longer: a process that still holds it looks again before it writes.
 *
 * @param path The lock file.
 * @returns The lock; disposing it releases it.
 * @throws {TdauthError} `cache_unreadable` when the lock file cannot be opened.
 */
export function lockToStore(path: string): WriteLock | Promise<WriteLock> {
  const file = open(path);
  if ("tryLockSync" in file && takes(file)) return writeLock(file);
  const limit = deadline(LONGEST_HOLD + MARGIN);
  return lock(file, { signal: limit.signal })
    .then(() => writeLock(file), () => writeLock(file, -Infinity))
    .finally(() => limit[Symbol.dispose]());
}

function writeLock(
  file: Deno.FsFile,
  since: number = performance.now(),
): WriteLock {
  return {
    isOvertaken: () => {
      const is = performance.now() - since > LONGEST_HOLD;
      since = performance.now();
      return is;
    },
    [Symbol.dispose]: () => file.close(), // which unlocks it
  };
}

/** ENOLCK, ENOSYS and ENOTSUP, in words. */
const NO_LOCKS = /no locks available|not implemented|not supported/i;

/** Whether this process has the lock now; also on a file system without locks, where no process can have it. */
function takes(file: Deno.FsFile): boolean {
  try {
    return file.tryLockSync(true);
  } catch (error) {
    if (error instanceof Error && NO_LOCKS.test(error.message)) return true;
    throw error;
  }
}

/** Where no lock file can be created no process can store tokens, and the run reports that itself. */
function tryOpen(path: string): Deno.FsFile | undefined {
  try {
    return open(path);
  } catch (error) {
    const { cause } = error as Error;
    const unwritable = isDenied(cause) || isNotPermitted(cause) ||
      isReadOnly(cause);
    if (unwritable) return undefined;
    throw error;
  }
}

function open(path: string): Deno.FsFile {
  let kind: FileStat["kind"] = "file";
  try {
    // Opening a device may do anything, and locking a pipe nothing.
    kind = statOf(path)?.kind ?? kind;
    if (kind !== "file") throw new Error("it is not a regular file");
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
        hint: isReadOnly(cause)
          ? "use a writable directory with TD_TOKEN_DIR for the tokens, TD_CONFIG_DIR for everything"
          : kind === "file"
          ? "make its directory writable"
          : "remove it, or use another directory with TD_CONFIG_DIR or --config-dir",
        cause,
      },
    );
  }
}
