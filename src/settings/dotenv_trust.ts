import type { Fail } from "./setting_problem.ts";
import {
  SETTING_NAMES,
  type SettingName,
  settingRow,
  type Sources,
} from "./setting_table.ts";
import { VARIABLES } from "./variable_table.ts";

/**
 * Rejects what `.env` may not choose. Such a line is never silently ignored:
 * the user may rely on it.
 *
 * @param name The setting.
 * @param value The value in `.env`, when neither the call, the flag nor the environment sets it.
 * @param fail Throws when it may not be set there.
 */
export function refuseFromDotenv(
  name: SettingName,
  value: string,
  fail: Fail,
): void {
  const { variable, trust } = settingRow(name);
  if (trust === "anywhere" || trust.harmless?.is(value)) return;
  fail({ is: "not from .env", variable, chooses: trust.chooses, name });
}

/**
 * Rejects variables in `.env` that only the environment may set.
 *
 * @param dotenv The values in `.env`.
 * @param env The environment, which comes first.
 * @param fail Throws when there is one.
 */
export function refuseKeys(
  dotenv: Readonly<Record<string, string>>,
  env: (name: string) => string | undefined,
  fail: Fail,
): void {
  for (const [variable, { trust }] of Object.entries(VARIABLES)) {
    if (trust === "not read") continue;
    if (dotenv[variable] === undefined || env(variable) !== undefined) continue;
    fail({ is: "not from .env", variable, chooses: trust.chooses });
  }
}

/**
 * What to tell the user about `.env` in the working directory: that it chose the
 * profile, or that it could not be read.
 *
 * @param settings The settings that were found.
 * @returns A sentence; nothing where there is nothing to say.
 */
export function dotenvNote(
  { profile, sources, unread }: {
    profile: string;
    sources: Sources;
    unread?: string;
  },
): string | undefined {
  if (unread !== undefined) {
    return `.env in the working directory is ignored: ${unread}`;
  }
  if (sources.profile !== ".env") return undefined;
  return `using profile "${profile}" (TD_PROFILE in .env)`;
}

/**
 * The variables of an app that `.env` set.
 *
 * @param sources Where the settings came from.
 * @returns For instance `TD_CONSUMER_KEY, TD_CALLBACK_URL`; nothing where it set none.
 */
export function appFromDotenv(
  sources: Sources,
): string | undefined {
  const set = SETTING_NAMES.filter((name) =>
    sources[name] === ".env" && settingRow(name).inProfile
  ).map((name) => settingRow(name).variable);
  return set.length === 0 ? undefined : set.join(", ");
}
