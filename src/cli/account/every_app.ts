import { appKeyOf } from "../../client/configured_provider.ts";
import type { AuthorizeOptions } from "../../client/authorize_options.ts";
import type { Context, PrepareOptions } from "../../client/context.ts";
import { readConfig } from "../../settings/config_file.ts";
import { SETTINGS } from "../../settings/setting_table.ts";
import type { Profile } from "../../settings/setting_values.ts";
import {
  readOwnDotenv,
  resolveSettings,
  type SettingsOptions,
} from "../../settings/settings.ts";
import type { Command } from "../grammar/command.ts";
import { prepareCommand, settingsOptions } from "./prepare_command.ts";

/** The app of a profile. */
export interface AppOfProfile {
  /** The profile's name. */
  readonly profile: string;
  /** Finds what a command needs for it; rejects when a setting is wrong. */
  readonly context: () => Promise<Context>;
}

/**
 * Finds the app of every profile, and that of the command without `--all`, if it
 * is another.
 *
 * @param command The command.
 * @param options More options for each.
 * @param where Where to look for settings, as for `prepareCommand()`.
 * @returns The apps, in the order of `config.json`.
 */
export async function everyApp(
  command: Command,
  options: AuthorizeOptions = {},
  where: PrepareOptions = {},
): Promise<AppOfProfile[]> {
  const from = settingsOptions(command);
  const { configDir, profile: present, consumerKey } = await resolveSettings(
    from,
  );
  const config = readConfig(configDir);
  const { profiles } = config;
  const apps = Object.entries(profiles)
    .filter(([, saved]) => appKeyOf(saved) !== undefined)
    .map(([profile, saved]) => ({
      profile,
      context: () =>
        prepareCommand(
          command,
          { profile, provider: undefined },
          options,
          { ...where, ...savedOnly(from, saved, consumerKey), config },
        ),
    }));
  const saved = Object.hasOwn(profiles, present) ? profiles[present] : {};
  const isOther = consumerKey !== undefined &&
    consumerKey !== saved?.consumerKey?.trim();
  return isOther
    ? [...apps, {
      profile: present,
      context: () => prepareCommand(command, {}, options, where),
    }]
    : apps;
}

/**
 * Ignores what the environment and `.env` say about an app: it is not every
 * profile's. A secret that is only there belongs to the app that they name.
 */
function savedOnly(
  { env }: SettingsOptions,
  saved: Profile,
  named: string | undefined,
): PrepareOptions {
  const hidden = new Set<string>(
    Object.entries(SETTINGS).flatMap(([name, { variable, inProfile }]) =>
      !(inProfile || name === "consumerSecretFile") ||
        (name.startsWith("consumerSecret") &&
          saved.consumerSecret === undefined &&
          saved.consumerKey?.trim() === named)
        ? []
        : [variable]
    ),
  );
  // It names no app, as its variables do.
  if (hidden.has(SETTINGS.consumerSecretFile.variable)) {
    hidden.add("CREDENTIALS_DIRECTORY");
  }
  return {
    env: (name) => hidden.has(name) ? undefined : env?.(name),
    dotenv: () =>
      Object.fromEntries(
        Object.entries(readOwnDotenv()).filter(([name]) => !hidden.has(name)),
      ),
  };
}
