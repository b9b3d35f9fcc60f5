import { TdauthError } from "../../../base/errors.ts";
import type { Env } from "../../../system/environment.ts";

/** Directories whose content does not survive a reboot, or another program's tidying. */
const EMPTIED: readonly RegExp[] = [
  /^\/(?:tmp|var\/tmp|dev\/shm|run)\//,
  /^\/(?:private\/)?(?:tmp|var\/folders)\//,
  /[\\/]_npx[\\/]/,
  /[\\/](?:\.cache|npm-cache)[\\/]/,
  /[\\/]AppData[\\/]Local[\\/]Temp[\\/]/i,
];

/**
 * Checks that the program of a service is still there after a reboot.
 *
 * @param words The words that start it.
 * @param env The environment, which may name the directory for temporary files.
 * @throws {TdauthError} `invalid_options` when one of them is in a directory that is emptied.
 */
export function checkWords(words: readonly string[], env: Env): void {
  const own = env("TMPDIR");
  const lost = words.find((word) =>
    EMPTIED.some((pattern) => pattern.test(word)) ||
    own !== undefined && word.startsWith(`${own.replace(/\/+$/, "")}/`)
  );
  if (lost === undefined) return;
  throw new TdauthError(
    "invalid_options",
    `Cannot install tdauth serve: "${lost}" may be gone after the next start of this machine`,
    {
      hint:
        "run it from a tdauth that is installed (docs/installing.md): the executable, or Deno itself where npx has run it",
    },
  );
}
