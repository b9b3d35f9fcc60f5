import { statOf } from "./file_stat.ts";

/**
 * Checks whether a lock is held, by taking it in shared mode for a few microseconds.
 *
 * @param path The lock file, or any file or directory on its file system.
 * @returns Whether it is held; `no locks` where the file system has none, and
 * `unknown` where the runtime could only wait for it (Deno before 2.9).
 * @throws {Error} When the file is not there, or cannot be opened.
 */
export function lockStateOf(
  path: string,
): "free" | "held" | "no locks" | "unknown" {
  // Opening a pipe would wait for its writer; nothing holds a lock on it.
  if (statOf(path)?.kind === "other") return "free";
  using file = Deno.openSync(path, { read: true });
  if (!("tryLockSync" in file)) return "unknown";
  try {
    return file.tryLockSync(false) ? "free" : "held";
  } catch {
    return "no locks";
  }
}
