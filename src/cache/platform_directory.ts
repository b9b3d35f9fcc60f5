import { TdauthError } from "../base/errors.ts";
import { platformConfigDir } from "../system/config_dir.ts";

/**
 * Returns the default directory of a cache.
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
    { hint: "set HOME, or pass a directory" },
  );
}
