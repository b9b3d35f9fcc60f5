import { TdauthError } from "../base/errors.ts";
import { shellWord } from "../base/shell_word.ts";
import { lstatOf } from "./file_stat.ts";
import { realPath } from "./files.ts";

/**
 * Rejects a file of unencrypted tokens that has another name, too: a write
 * replaces only one name, and the tokens would stay unencrypted under the other.
 *
 * @param path The file.
 * @throws {TdauthError} `cache_unreadable` when it is a symbolic link, or has hard links.
 */
export function refuseOtherNames(path: string): void {
  const stat = lstatOf(path);
  if (stat?.kind === "link") {
    const target = realPath(path);
    throw new TdauthError(
      "cache_unreadable",
      `Cannot seal the tokens: "${path}" is a link, and "${target}" would keep them unencrypted`,
      {
        hint: `replace the link with the file, then retry: mv -f ${
          shellWord(target)
        } ${shellWord(path)}`,
      },
    );
  }
  if (stat?.links !== undefined && stat.links > 1) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot seal the tokens: "${path}" has ${stat.links} names (hard links), and the others would keep them unencrypted`,
      {
        hint:
          `remove the other links, then retry; to find them: find / -xdev -samefile ${
            shellWord(path)
          }`,
      },
    );
  }
}
