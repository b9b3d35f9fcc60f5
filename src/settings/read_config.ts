import { readTextIfThere } from "../system/read_text.ts";
import type { Fail } from "./setting_problem.ts";
import type { Profile } from "./setting_values.ts";

/** The whole file; keys that tdauth does not know are kept. */
export interface ConfigFile {
  readonly [key: string]: unknown;
  /** The profiles by name. */
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** Returns the path of `config.json`. */
export function configPath(configDir: string): string {
  return `${configDir}/config.json`;
}

/**
 * Reads `config.json`.
 *
 * @param configDir The configuration directory.
 * @param fail Throws when the file cannot be read or is not what tdauth writes.
 * @returns The file; without profiles when there is none.
 */
export function readConfigFile(configDir: string, fail: Fail): ConfigFile {
  const bad = (
    part: "JSON" | "object" | "profiles" | "profile" | "value",
    profile?: string,
    key?: string,
  ) =>
    fail({
      is: "bad config",
      configDir,
      part,
      ...(profile !== undefined && { profile }),
      ...(key !== undefined && { key }),
    });
  let text: string | undefined;
  try {
    text = readTextIfThere(configPath(configDir));
  } catch (cause) {
    return fail({ is: "unreadable config", configDir, cause });
  }
  if (text === undefined) return { profiles: {} };
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return bad("JSON"); // the parser's own message quotes the text
  }
  if (!isObject(file)) return bad("object");
  const profiles = file["profiles"] ?? {};
  if (!isObject(profiles)) return bad("profiles");
  for (const [name, profile] of Object.entries(profiles)) {
    if (!isObject(profile)) {
      return bad("profile", name);
    }
    for (const [key, value] of Object.entries(profile)) {
      if (typeof value !== "string") {
        return bad("value", name, key);
      }
    }
  }
  return { ...file, profiles: profiles as Record<string, Profile> };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
