import { lockStateOf } from "../system/file_lock.ts";
import { isThere, statOf } from "../system/file_stat.ts";
import { removeQuietly, replaceFile } from "../system/files.ts";
import { readTextIfThere } from "../system/read_text.ts";
import type { ServePlace } from "./serve_place.ts";

/** What a running `tdauth serve` says of itself. */
export interface ServeState {
  /** Its process id. */
  readonly pid: number;
  /** When it started, in seconds since the epoch. */
  readonly started: number;
  /** Its version. */
  readonly version: string;
  /** The file that it was started from: the executable, or the main module. */
  readonly program: string;
  /** When that was last written, in milliseconds since the epoch; `null` when it is no file. */
  readonly modified: number | null;
  /** The keeper's socket; `null` when there is none. */
  readonly socket: string | null;
}

/**
 * Writes what `tdauth status` shows of this server. Nothing depends on it.
 *
 * @param place Where.
 * @param state What it says.
 */
export function writeState({ state }: ServePlace, says: ServeState): void {
  replaceFile(state, `${JSON.stringify(says)}\n`, 0o600);
}

/** Removes it at the end. */
export function removeState({ state }: ServePlace): void {
  removeQuietly(state);
}

/**
 * Reads what the running server says of itself.
 *
 * @param place Where.
 * @returns What it says; `undefined` when none runs: a killed one leaves its file, but not its lock.
 */
export function readState(
  { lock, state }: Pick<ServePlace, "lock" | "state">,
): ServeState | undefined {
  try {
    if (!isThere(lock) || lockStateOf(lock) === "free") return undefined;
    const says: unknown = JSON.parse(readTextIfThere(state) ?? "");
    return isState(says) ? says : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Tells whether the server runs another program than the one that a new start
 * would run.
 *
 * @param state What the server says.
 * @param version The version of the program that asks.
 */
export function isOutdated(
  { program, modified, version: its }: ServeState,
  version: string,
): boolean {
  return its !== version ||
    modified !== null && modifiedAt(program) !== modified;
}

/** When a file was last written, in milliseconds since the epoch; `null` when there is none. */
export function modifiedAt(path: string): number | null {
  try {
    return statOf(path)?.modified ?? null;
  } catch {
    return null;
  }
}

function isState(says: unknown): says is ServeState {
  if (!isObject(says)) return false;
  const { pid, started, version, program, modified, socket } = says;
  return typeof pid === "number" && typeof started === "number" &&
    typeof version === "string" && typeof program === "string" &&
    (modified === null || typeof modified === "number") &&
    (socket === null || typeof socket === "string");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
