import { childEnvironment } from "../../system/child_environment.ts";
import { outputOf } from "../../system/child_program.ts";
import { readTextFile } from "../../system/read_text.ts";
import { isNotPermitted } from "../../system/system_error.ts";

/**
 * Linux's /proc. The runtime shows it only to programs with all permissions, which the
 * executable does not have; then another program reads it.
 */

/**
 * Reads a file there.
 *
 * @returns Its text; empty if it cannot be read.
 */
export function readProc(path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    return isNotPermitted(error) ? output("cat", path) : "";
  }
}

/**
 * Finds the process that has one of some sockets open.
 *
 * @param inodes The sockets' numbers.
 * @returns Its id; nothing where it is another user's, or there is no /proc.
 */
export function processOfSocket(inodes: readonly string[]): number | undefined {
  const wanted = inodes.flatMap((inode) => [
    "-o",
    "-lname",
    `socket:\\[${inode}\\]`,
  ]);
  // Processes end meanwhile, and those of other users are unreadable: find continues.
  const found = output(
    "find",
    ...["/proc", "-mindepth", "3", "-maxdepth", "3"],
    ...["-path", "/proc/[0-9]*/fd/*"],
    ...["(", ...wanted.slice(1), ")", "-print", "-quit"],
  );
  const [, pid] = /^\/proc\/(\d+)\//.exec(found) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

function output(program: string, ...args: string[]): string {
  try {
    return outputOf(program, args, childEnvironment("tool"));
  } catch {
    return "";
  }
}
