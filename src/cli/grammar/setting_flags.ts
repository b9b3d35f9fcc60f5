import {
  SETTING_NAMES,
  type SettingName,
  type SettingRow,
  settingRow,
} from "../../settings/setting_table.ts";
import type { SettingTexts } from "../../settings/settings.ts";
import type { TextFlag } from "./flag.ts";
import type { Values } from "./read_flags.ts";

/** Which commands accept a setting's flag: all, or those that describe or identify the app. */
export type SettingFlags = "program" | "app" | "appKey";

/**
 * Builds the flags of settings.
 *
 * @param taker Which commands; one that describes the app also identifies it.
 * @returns Each flag by the setting's name, in the order of the table.
 */
export function settingFlags(
  taker: SettingFlags,
): ReadonlyMap<SettingName, TextFlag> {
  return new Map(
    SETTING_NAMES.flatMap((name) => {
      const row = settingRow(name);
      const of = row.flagOf ?? (row.inProfile ? "app" : "program");
      const flag = of === taker || (taker === "app" && of === "appKey")
        ? flagOf(row)
        : undefined;
      return flag === undefined ? [] : [[name, flag] as const];
    }),
  );
}

/** The settings that were given as flags. */
export function settingTexts(values: Values): SettingTexts {
  const texts: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    const { flag } = settingRow(name);
    const value = flag === undefined ? undefined : values.get(flag);
    if (typeof value === "string") texts[name] = value;
    // Of a repeated flag: parameters, each as it is typed.
    if (typeof value === "object") texts[name] = value.map(encoded).join("&");
  }
  return texts;
}

function flagOf(
  { flag, variable, kind, value, help }: SettingRow,
): TextFlag | undefined {
  if (flag === undefined) return undefined;
  const what = help.replace(/\.$/, "");
  return {
    flag,
    kind: kind !== "path" ? "text" : value === "dir" ? "directory" : "file",
    ...(value !== undefined && { value }),
    ...(kind === "parameters" && { repeated: true }),
    help: `${what.charAt(0).toLowerCase()}${what.slice(1)} (${variable})`,
  };
}

/** `NAME=VALUE` in form encoding; what is no such pair is left as it is, and refused as a setting. */
function encoded(pair: string): string {
  const equals = pair.indexOf("=");
  if (equals < 1) return encodeURIComponent(pair);
  const name = encodeURIComponent(pair.slice(0, equals));
  return `${name}=${encodeURIComponent(pair.slice(equals + 1))}`;
}
