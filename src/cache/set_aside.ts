import type { HintStep } from "../base/hint.ts";
import { TdauthError } from "../base/errors.ts";
import { renameFile } from "../system/files.ts";
import { targetOf } from "../system/link_target.ts";
import { reason } from "../system/system_error.ts";

/** What to do about a damaged file. */
const RESTORE: HintStep = {
  text: "restore it from a backup, or log in again:",
  command: ["login"],
};

/**
 * Moves a damaged token file aside, where the user can inspect it.
 *
 * @param path The file.
 * @param error Its damage.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The error, which now says where the file is.
 */
export function setAside(
  path: string,
  error: TdauthError,
  now: () => number,
): TdauthError {
  const time = new Date(now()).toISOString().replace(/[:.]/g, "-");
  const random = crypto.randomUUID().slice(0, 8);
  let aside: string;
  try {
    const target = targetOf(path);
    aside = `${target}.corrupt-${time}-${random}`;
    renameFile(target, aside);
  } catch (cause) {
    return new TdauthError(
      "cache_corrupt",
      `${error.message} (in "${path}", which could not be moved aside: ${
        reason(cause)
      })`,
      {
        hint: { text: "move it away and log in:", command: ["login"] },
        cause: error,
      },
    );
  }
  return new TdauthError(
    "cache_corrupt",
    `${error.message}; the file was moved to "${aside}"`,
    {
      hint: RESTORE,
      cause: error,
    },
  );
}
