import { isThere, statOf } from "../system/file_stat.ts";
import { lockStateOf } from "../system/lock_state.ts";
import { readTextIfThere } from "../system/read_text.ts";

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
 * Reads what the running server says of itself.
 *
 * @param place Where.
 * @returns What it says; `undefined` when none runs: a killed one leaves its file, but not its lock.
 */
export async function readState(
  { lock, state }: { readonly lock: string; readonly state: string },
): Promise<ServeState | undefined> {
  try {
    const held = isThere(lock) ? lockStateOf(lock) : "free";
    if (held === "free") return undefined;
    const says: unknown = JSON.parse(readTextIfThere(state) ?? "");
    if (!isState(says)) return undefined;
    if (held === "held") return says;
    // Deno before 2.9, or a file system without locks.
    const { isListening } = await import("../system/unix_socket.ts");
    const answers = says.socket !== null && await isListening(says.socket);
    return answers ? says : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Tells whether the file that the server was started from has been replaced since,
 * as by an upgrade.
 *
 * @param state What the server says.
 */
export function isOutdated({ program, modified }: ServeState): boolean {
  return modified !== null && modifiedAt(program) !== modified;
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
