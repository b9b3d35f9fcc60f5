import { TdauthError } from "../base/errors.ts";
import { readTextFile } from "../system/read_file.ts";
import {
  errorText,
  isNotDirectory,
  isNotFound,
  isNotPermitted,
} from "../system/system_error.ts";

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
 * @returns The file; without profiles when there is none.
 * @throws {TdauthError} `invalid_options` when it cannot be read or is not what tdauth writes.
 */
export function readConfig(configDir: string): ConfigFile {
  const path = configPath(configDir);
  let text: string;
  try {
    text = readTextFile(path);
  } catch (cause) {
    if (isNotFound(cause)) return { profiles: {} };
    if (isNotPermitted(cause)) {
      throw new TdauthError(
        "invalid_options",
        `Cannot read the settings in "${path}": this script lacks the permission (--allow-read)`,
        {
          hint:
            "set another directory with TD_CONFIG_DIR; in your own script, run it with --allow-read, or pass consumerKey, callbackUrl and storeTokens: false",
          cause,
        },
      );
    }
    if (isNotDirectory(cause)) {
      throw new TdauthError(
        "invalid_options",
        `Cannot read the settings in "${path}": "${configDir}" is not a directory`,
        { hint: "use another one with TD_CONFIG_DIR or --config-dir", cause },
      );
    }
    throw bad(path, errorText(cause));
  }
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw bad(path, "it is not JSON"); // the parser's own message quotes the text
  }
  if (!isObject(file)) throw bad(path, "it is not a JSON object");
  const profiles = file["profiles"] ?? {};
  if (!isObject(profiles)) throw bad(path, '"profiles" is not an object');
  for (const [name, profile] of Object.entries(profiles)) {
    if (!isObject(profile)) {
      throw bad(path, `the profile "${name}" is not an object`);
    }
    for (const [key, value] of Object.entries(profile)) {
      if (typeof value !== "string") {
        throw bad(path, `"${key}" of the profile "${name}" is not a string`);
      }
    }
  }
  return { ...file, profiles: profiles as Record<string, Profile> };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function bad(path: string, why: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot read the settings in "${path}": ${why}`,
    {
      hint: {
        text: "fix the file, or move it away and run",
        command: ["configure"],
      },
    },
  );
}
