import { isForeign, lstatOf, statOf } from "./file_stat.ts";
import { directoryOf, realPath } from "./files.ts";

/**
 * Returns the file to write or remove for a path: where it is a link, what it
 * leads to, so that no old content stays behind there. A link that leads nowhere
 * is itself the file.
 *
 * @param path The path.
 * @returns The path, or the target of the link.
 * @throws {Error} When the target is not the user's own: the message says why.
 */
export function targetOf(path: string): string {
  const link = lstatOf(path);
  if (link?.kind !== "link") return path;
  const stat = statOf(path); // which throws at links in a circle
  if (stat === undefined) return path;
  const target = realPath(path);
  const directory = statOf(directoryOf(target));
  const why = isForeign(link)
    ? "and the link belongs to another user"
    : stat.kind !== "file"
    ? "which is not a regular file"
    : isForeign(stat)
    ? "which belongs to another user"
    : directory === undefined || isForeign(directory)
    ? "in a directory that belongs to another user"
    : ((directory.mode ?? 0) & 0o002) !== 0
    ? "in a directory that everyone can write to"
    : undefined;
  if (why === undefined) return target;
  throw new ForeignTargetError(target, why);
}

/** A link leads to a file that is not the user's. */
export class ForeignTargetError extends Error {
  /**
   * @param target What it leads to.
   * @param why Why that is not written.
   */
  constructor(target: string, why: string) {
    super(`it is a link to "${target}", ${why}`);
  }
}
