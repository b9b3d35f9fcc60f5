import { PROCESS_ID, programName } from "./own_process.ts";
import { readRegular } from "./read_text.ts";

/** A process that holds a lock, as it has written into the lock file itself. */
export interface LockHolder {
  /** Its process id. */
  readonly pid: number;
  /** What it was called by: `tdauth login`, or the file name of a script; never its arguments. */
  readonly command: string;
}

/** The longest record that is read, in bytes. */
const LONGEST = 256;
/** What a record looks like. A file is not trusted: nothing but plain characters ever reaches a terminal from it. */
const RECORD = /^([1-9]\d{0,9}) ([ -~]{1,100})\n/;

/**
 * Writes into a lock file that this process holds its lock. Nothing depends on
 * it but what people who wait are told, so a full disk is ignored.
 *
 * @param file The lock file, locked.
 * @param command What this process was called by. @default {the script's name}
 */
export function writeHolder(
  file: Deno.FsFile,
  command: string = programName(),
): void {
  const plain = command.replace(/[^ -~]/g, "?").slice(0, 100);
  write(file, `${PROCESS_ID} ${plain || "?"}\n`);
}

/**
 * Removes the record, before the lock is released.
 *
 * @param file The lock file, still locked.
 */
export function eraseHolder(file: Deno.FsFile): void {
  write(file, "");
}

/**
 * Reads who holds a lock.
 *
 * @param file The lock file, open.
 * @returns The holder; nothing where it has not written its name (an older
 * tdauth), or where the system keeps others from reading a locked file (Windows).
 */
export function readHolder(file: Deno.FsFile): LockHolder | undefined {
  const bytes = new Uint8Array(LONGEST);
  try {
    file.seekSync(0, Deno.SeekMode.Start);
    const length = file.readSync(bytes) ?? 0;
    return parsed(bytes.subarray(0, length));
  } catch {
    return undefined;
  }
}

/**
 * Reads who holds a lock, from the lock file's path.
 *
 * @param path The lock file, locked by another process.
 * @returns The holder, as {@linkcode readHolder}.
 */
export function holderIn(path: string): LockHolder | undefined {
  try {
    return parsed(readRegular(path, LONGEST).bytes);
  } catch {
    return undefined;
  }
}

function parsed(bytes: Uint8Array): LockHolder | undefined {
  const text = new TextDecoder().decode(bytes);
  const [, pid = "", command = ""] = RECORD.exec(text) ?? [];
  return command === "" ? undefined : { pid: Number(pid), command };
}

/**
 * Describes the holder of a lock that another process has.
 *
 * @param holder The holder, if it is known.
 * @returns `another process (tdauth login, process 123)`.
 */
export function holderText(holder: LockHolder | undefined): string {
  return holder === undefined
    ? "another process"
    : `another process (${holder.command}, process ${holder.pid})`;
}

function write(file: Deno.FsFile, text: string): void {
  try {
    const bytes = new TextEncoder().encode(text);
    file.truncateSync(0);
    file.seekSync(0, Deno.SeekMode.Start);
    file.writeSync(bytes);
  } catch {
    // The lock holds without it.
  }
}
