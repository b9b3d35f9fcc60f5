import { TdauthError } from "../base/errors.ts";
import { shellWord } from "../base/shell_word.ts";
import { lstatOf } from "./file_stat.ts";
import { realPath } from "./files.ts";

/**
 * Refuses a file of tokens in clear that can be reached by another name, too: a
 * write replaces one name alone, and the tokens would stay in clear under the other.
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
      `Cannot seal the tokens: "${path}" is a link, and "${target}" would keep them in clear`,
      {
        hint:
          `put the file in the link's place, then run the command again: mv -f ${
            shellWord(target)
          } ${shellWord(path)}`,
      },
    );
  }
  if (stat?.links !== undefined && stat.links > 1) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot seal the tokens: "${path}" has ${stat.links} names (hard links), and the others would keep them in clear`,
      {
        hint:
          `remove the other names, then run the command again; to find them: find / -xdev -samefile ${
            shellWord(path)
          }`,
      },
    );
  }
}
