/** Finds who holds a port or a lock, from what /proc on Linux shows without more privileges. */

import { statOf } from "../../system/file_stat.ts";
import { holderIn, type LockHolder } from "../../system/lock_holder.ts";
import { processOfSocket, readProc } from "./proc.ts";

/** A process, as far as it is known. */
export interface Holder {
  /** Its id. */
  readonly pid: number;
  /** Its command, as it wrote it into the lock file, or its program's name; never its arguments, which may hold secrets. */
  readonly name: string | undefined;
}

/** Describes a process in words. */
export function holderText({ pid, name }: Holder): string {
  return name === undefined ? `process ${pid}` : `${name}, process ${pid}`;
}

/**
 * Finds the process that listens on a TCP port.
 *
 * @param port The port.
 * @returns The process; nothing where it is another user's, or there is no /proc.
 */
export function portHolder(port: number): Holder | undefined {
  const sockets = new Set(
    ["tcp", "tcp6"].flatMap((table) =>
      readProc(`/proc/net/${table}`).split("\n").slice(1).flatMap((line) => {
        const columns = line.trim().split(/\s+/);
        const [, local = "", , state] = columns;
        const listens = state === "0A" &&
          Number.parseInt(local.split(":")[1] ?? "", 16) === port;
        return listens ? [columns[9] ?? ""] : [];
      })
    ),
  );
  if (sockets.size === 0) return undefined;
  const pid = processOfSocket([...sockets]);
  return pid === undefined ? undefined : named(pid);
}

/**
 * Finds the process that has locked a file, which is locked.
 *
 * @param path The file.
 * @returns The process; nothing if it is unknown.
 */
export function lockHolder(path: string): Holder | undefined {
  const said = holderIn(path);
  const inode = statOf(path)?.inode;
  for (const line of readProc("/proc/locks").split("\n")) {
    const [, kind, , , pid, file] = line.trim().split(/\s+/);
    if (kind !== "FLOCK" || file?.split(":")[2] !== String(inode)) continue;
    if (Number(pid) <= 0) break;
    // What it said of itself says more than the name of its program.
    return Number(pid) === said?.pid ? held(said) : named(Number(pid));
  }
  return said && held(said);
}

function held({ pid, command }: LockHolder): Holder {
  return { pid, name: command };
}

function named(pid: number): Holder {
  return { pid, name: readProc(`/proc/${pid}/comm`).trim() || undefined };
}
