import { readConfig } from "../../../settings/config_file.ts";
import { isProfileName } from "../../../settings/profile_name.ts";
import { resolveSettings } from "../../../settings/settings.ts";
import { shown } from "../../../base/shown.ts";
import type { Env } from "../../../system/environment.ts";

/**
 * Finds the profiles in `config.json` that commands accept.
 *
 * @param env The environment.
 * @param configDir The configuration directory given as a flag, if any.
 * @returns The provider of each, or an empty text, by the profile's name.
 * @throws {TdauthError} `invalid_options` when a setting is invalid or the file cannot be read.
 */
export async function profileChoices(
  env: Env,
  configDir: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  const given = configDir === undefined ? {} : { configDir };
  const settings = await resolveSettings({ given, env });
  return Object.fromEntries(
    Object.entries(readConfig(settings.configDir).profiles)
      .filter(([name]) => isProfileName(name))
      .map(([name, { provider }]) => [name, inOneLine(provider ?? "")]),
  );
}

/** The file may hold anything, and this goes to a terminal. */
function inOneLine(text: string): string {
  return shown(text).replace(/[\t\n\ufffd]+/g, " ").slice(0, 60);
}
