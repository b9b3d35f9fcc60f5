import { TdauthError } from "../base/errors.ts";
import { platformConfigDir } from "../system/config_dir.ts";

/**
 * Finds the directory of a cache for which none is named.
 *
 * @returns The platform's configuration directory for tdauth.
 * @throws {TdauthError} `invalid_options` when the home directory is unknown.
 */
export function platformDirectory(): string {
  const directory = platformConfigDir();
  if (directory !== undefined) return directory;
  throw new TdauthError(
    "invalid_options",
    "Cannot open a DiskCache: the home directory is unknown",
    { hint: "set HOME, or name a directory" },
  );
}
