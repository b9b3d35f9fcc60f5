import { type Dotenv, type ReadDotenv, readDotenv } from "./dotenv.ts";
import { isNotPermitted, reason } from "../system/system_error.ts";
import {
  type FindOptions,
  findSettings,
  type Settings,
} from "./find_settings.ts";
import { failWithError } from "./setting_error.ts";

export type { Settings } from "./find_settings.ts";
export type { SettingTexts } from "./setting_values.ts";

/** Where to look for settings. */
export interface SettingsOptions
  extends Omit<FindOptions, "dotenv" | "unread" | "fail"> {
  /** Reads `.env`. @default {from the working directory} */
  readonly dotenv?: ReadDotenv;
}

/**
 * Resolves every setting, as {@linkcode findSettings} does.
 *
 * @param options Where to look.
 * @returns The settings, with where each came from. Reading `configDir` throws `invalid_options` where there is no home directory.
 * @throws {TdauthError} `invalid_options` when one is invalid.
 */
export async function resolveSettings(
  options: SettingsOptions = {},
): Promise<Settings> {
  let unread: string | undefined;
  const read = () =>
    readOwnDotenv((cause) => {
      // A script without the permission to read it has no use for it.
      if (!isNotPermitted(cause)) unread = reason(cause);
    });
  const dotenv = await (options.dotenv ?? read)();
  return findSettings({ ...options, dotenv, unread, fail: failWithError });
}

/**
 * Reads `.env` in the working directory, as {@linkcode readDotenv} does.
 *
 * @param onUnreadable Receives why there is such a file and its variables are unknown. Default: no one.
 * @returns The variables.
 * @throws {TdauthError} `invalid_options` when it is a pipe, a device or too long.
 */
export function readOwnDotenv(
  onUnreadable: (cause: unknown) => void = () => {},
): Dotenv {
  return readDotenv(failWithError, onUnreadable);
}
