import { isAbsolute } from "../system/config_dir.ts";
import type { Env } from "../system/environment.ts";
import { workingDirectory } from "../system/os.ts";
import { TdauthError } from "../base/errors.ts";
import { isProfileName } from "./profile_name.ts";
import { type SettingName, settingRow } from "./setting_table.ts";

/**
 * Parses a setting's text by its row's kind.
 *
 * @param name The setting.
 * @param text Its text.
 * @param env The environment, for the home directory.
 * @returns As in `SettingValues`: a boolean for that kind, else a string.
 * @throws {TdauthError} `invalid_options` when the value is invalid.
 */
export function parseSetting(
  name: SettingName,
  text: string,
  env: Env,
): string | boolean {
  const { kind, choices = [], synonyms = {} } = settingRow(name);
  switch (kind) {
    case "boolean":
      if (/^true$/i.test(text)) return true;
      if (/^false$/i.test(text)) return false;
      throw wrong(name, text, "it must be True or False");
    case "choice": {
      const lower = text.toLowerCase();
      const chosen = synonyms[lower] ?? lower;
      if (choices.includes(chosen)) return chosen;
      throw wrong(name, text, `it is ${oneOf(choices)}`);
    }
    case "name":
      if (isProfileName(text)) return text;
      throw wrong(
        name,
        text,
        "a name consists of up to 64 letters, digits, dots, dashes and underscores",
      );
    case "path":
      // It is remembered, and the next command may be called elsewhere.
      return absolutePath(text, env) ?? text;
    case "text":
    case "url":
    case "provider":
      return text;
  }
}

/**
 * Makes a path absolute.
 *
 * @param path The path.
 * @param env The environment, for the home directory.
 * @returns The path; `undefined` for an empty one, and for one in a home directory that is not known.
 */
export function absolutePath(path: string, env: Env): string | undefined {
  if (path === "") return undefined;
  // A shell expands ~ itself; in an env file or a unit nothing does.
  if (path === "~" || path.startsWith("~/")) {
    const home = env("HOME");
    return home === undefined ? undefined : `${home}${path.slice(1)}`;
  }
  return isAbsolute(path) ? path : fromHere(path);
}

/** A relative path from the working directory. */
export function fromHere(path: string): string {
  return `${workingDirectory()}/${path.replace(/^\.\//, "")}`;
}

/** `keychain, passphrase or key` */
export function oneOf(choices: readonly string[]): string {
  return `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}

function wrong(name: SettingName, value: string, why: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot use "${value}" as ${name} (${settingRow(name).variable}): ${why}`,
    { hint: "use another value, or omit it for the default" },
  );
}
