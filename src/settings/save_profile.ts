import { makePrivateDirectory, writeFileAtomic } from "../cache/atomic_file.ts";
import { configPath, type Profile, readConfig } from "./config_file.ts";

/**
 * Writes a profile into `config.json` (0600), the other profiles and unknown keys kept.
 *
 * @param configDir The configuration directory; made if need be.
 * @param name The profile's name.
 * @param profile Its settings, which replace the old ones; absent ones are removed.
 * @throws {TdauthError} `invalid_options` when the file there is damaged,
 * `cache_unreadable` when it cannot be written.
 */
export function saveProfile(
  configDir: string,
  name: string,
  profile: Profile,
): void {
  makePrivateDirectory(configDir);
  const file = readConfig(configDir);
  const old = JSON.stringify(file.profiles[name]);
  if (old === JSON.stringify(profile)) return;
  const profiles = { ...file.profiles, [name]: profile };
  writeFileAtomic(
    configPath(configDir),
    JSON.stringify({ ...file, profiles }, undefined, 2) + "\n",
  );
}
