import { updateFile } from "../system/atomic_file.ts";
import { isOwnConfig } from "../system/directory_content.ts";
import { notOurs } from "../system/own_files.ts";
import { makePrivateDirectory } from "../system/private_path.ts";
import { type ConfigFile, configPath, readConfig } from "./config_file.ts";
import { settingRow, type Sources } from "./setting_table.ts";
import {
  type Profile,
  PROFILE_NAMES,
  type ProfileValues,
  settingText,
} from "./setting_values.ts";

/** The texts of a profile, whichever there are. */
type Changes = { readonly [K in keyof Profile]?: Profile[K] | undefined };

/**
 * Writes a profile into `config.json` (0600), the other profiles and unknown keys
 * kept. Only {@linkcode saveSeal} changes whether its tokens are sealed.
 *
 * @param configDir The configuration directory; made if need be.
 * @param name The profile's name.
 * @param settings Its settings, which replace the old ones; absent ones are removed. What no profile holds is left out.
 * @throws {TdauthError} `invalid_options` when the file there is damaged,
 * `cache_unreadable` when it is another program's or cannot be written.
 */
export function saveProfile(
  configDir: string,
  name: string,
  settings: ProfileValues & { readonly sources?: Sources },
): void {
  // A secret that has a file of its own is not copied.
  const { consumerSecret, ...rest } = settings;
  const kept = settings.sources?.consumerSecret === "file"
    ? rest
    : { ...rest, consumerSecret };
  update(configDir, name, ({ seal }) => ({ ...texts(kept), seal }));
}

/** A default is omitted, as the profile would keep it when it changes. */
function texts(settings: ProfileValues): Changes {
  return Object.fromEntries(
    PROFILE_NAMES.flatMap((name) => {
      const value = settings[name];
      if (value === undefined) return [];
      const text = settingText(value);
      return text === settingRow(name).default ? [] : [[name, text]];
    }),
  );
}

/**
 * Writes into `config.json` whether a profile's tokens are sealed, and leaves all else as it is.
 *
 * @param configDir The configuration directory; made if need be.
 * @param name The profile's name.
 * @param seal Where the key comes from; `undefined` when they are not sealed.
 * @throws {TdauthError} As {@linkcode saveProfile}.
 */
export function saveSeal(
  configDir: string,
  name: string,
  seal: Profile["seal"] | undefined,
): void {
  update(configDir, name, (saved) => ({ ...saved, seal }));
}

function update(
  configDir: string,
  name: string,
  change: (saved: Profile) => Changes,
): void {
  const old = (file: ConfigFile) =>
    Object.hasOwn(file.profiles, name) ? file.profiles[name] ?? {} : {};
  const saved = old(readConfig(configDir));
  if (inOrder(saved) === inOrder(change(saved))) return;
  makePrivateDirectory(configDir);
  updateFile(configPath(configDir), (text) => {
    const file = readConfig(configDir);
    refuseOther(configPath(configDir), text);
    const profiles = { ...file.profiles, [name]: change(old(file)) };
    return JSON.stringify({ ...file, profiles }, undefined, 2) + "\n";
  });
}

/** A profile's texts in one order: written by hand its keys have any. */
function inOrder(profile: Changes): string {
  return JSON.stringify(
    Object.entries(profile).filter(([, text]) => text !== undefined).sort(),
  );
}

/** Other programs have a config.json, too: theirs is not written into. */
function refuseOther(path: string, text = "{}"): void {
  if (!isOwnConfig(JSON.parse(text))) throw notOurs(path); // JSON: it was read just before
}
