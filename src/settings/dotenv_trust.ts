import type { HintStep } from "../base/hint.ts";
import { TdauthError } from "../base/errors.ts";
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
 * @throws {TdauthError} `invalid_options` with where it may be set.
 */
export function refuseFromDotenv(name: SettingName, value: string): void {
  const { variable, flag, inProfile, trust } = settingRow(name);
  if (trust === "anywhere" || trust.harmless?.is(value)) return;
  const others = [
    ...(flag === undefined ? [] : [`, or use ${flag}`]),
    ...(inProfile ? [{ text: ", or run", command: ["configure"] }] : []),
  ];
  throw refused(variable, trust.chooses, others);
}

/**
 * Rejects variables in `.env` that only the environment may set.
 *
 * @param dotenv The values in `.env`.
 * @param env The environment, which comes first.
 * @throws {TdauthError} `invalid_options` with where it may be set.
 */
export function refuseKeys(
  dotenv: Readonly<Record<string, string>>,
  env: (name: string) => string | undefined,
): void {
  for (const [variable, { trust }] of Object.entries(VARIABLES)) {
    if (trust === "not read") continue;
    if (dotenv[variable] === undefined || env(variable) !== undefined) continue;
    throw refused(variable, trust.chooses, []);
  }
}

/**
 * What to tell the user whose profile a file in the working directory chose.
 *
 * @param settings The settings that were found.
 * @returns A sentence; nothing where `.env` chose none.
 */
export function profileNote(
  { profile, sources }: { profile: string; sources: Sources },
): string | undefined {
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

function refused(
  variable: string,
  chooses: string,
  others: readonly (string | HintStep)[],
): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot take ${variable} from .env: a file in the working directory may not choose ${chooses}`,
    {
      hint: [
        `set ${variable} in the environment`,
        ...others,
        "; then remove the line from .env",
      ],
    },
  );
}
