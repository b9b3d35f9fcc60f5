import { updateFile } from "../cache/atomic_file.ts";
import { makePrivateDirectory } from "../cache/private_path.ts";
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
  profile: { readonly [K in keyof Profile]?: Profile[K] | undefined },
): void {
  makePrivateDirectory(configDir);
  const saved = readConfig(configDir).profiles[name];
  if (JSON.stringify(saved) === JSON.stringify(profile)) return;
  updateFile(configPath(configDir), () => {
    const file = readConfig(configDir);
    const profiles = { ...file.profiles, [name]: profile };
    return JSON.stringify({ ...file, profiles }, undefined, 2) + "\n";
  });
}
