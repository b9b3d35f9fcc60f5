import { TdauthError } from "../base/errors.ts";
import { shellWord } from "../base/shell_word.ts";
import { statOf } from "./file_stat.ts";

/**
 * Rejects a file of unencrypted tokens that has another name, too: a write
 * replaces only one name, and the tokens would stay unencrypted under the other.
 * What a symbolic link leads to is written itself.
 *
 * @param path The file.
 * @throws {TdauthError} `cache_unreadable` when it has hard links.
 */
export function refuseOtherNames(path: string): void {
  const stat = statOf(path);
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
