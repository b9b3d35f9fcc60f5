import { isAbsolute } from "../system/config_dir.ts";
import { isEndpoint } from "../base/loopback.ts";
import type { Env } from "../system/environment.ts";
import { workingDirectory } from "../system/os.ts";
import { isProfileName } from "./profile_name.ts";
import type { Fail } from "./setting_problem.ts";
import { type SettingName, settingRow } from "./setting_table.ts";
import type { Parameters, SettingValue } from "./setting_values.ts";

/**
 * Parses a setting's text by its row's kind.
 *
 * @param name The setting.
 * @param text Its text.
 * @param env The environment, for the home directory.
 * @param fail Throws when the value is invalid.
 * @returns As in `SettingValues`.
 */
export function parseSetting(
  name: SettingName,
  text: string,
  env: Env,
  fail: Fail,
): SettingValue {
  const wrong = () => fail({ is: "wrong value", name, text });
  const { kind, choices = [], synonyms = {} } = settingRow(name);
  switch (kind) {
    case "boolean":
      if (/^true$/i.test(text)) return true;
      if (/^false$/i.test(text)) return false;
      return wrong();
    case "choice": {
      const lower = text.toLowerCase();
      const chosen = synonyms[lower] ?? lower;
      if (choices.includes(chosen)) return chosen;
      return wrong();
    }
    case "name":
      if (isProfileName(text)) return text;
      return wrong();
    case "path":
      // It is remembered, and the next command may be called elsewhere.
      return absolutePath(text, env) ?? text;
    case "endpoint":
      return isEndpoint(text) ? text : wrong();
    case "origin": {
      if (!isEndpoint(text)) return wrong();
      const { origin, pathname, search } = new URL(text);
      return pathname + search === "/" ? origin : wrong();
    }
    case "keeper":
      if (!text.includes("://")) return absolutePath(text, env) ?? wrong();
      // The rest is checked where it is used: few commands load what that takes.
      return /^ssh:\/\/[^-]/i.test(text) ? text : wrong();
    case "seconds":
      return /^\d{1,15}$/.test(text) ? Number(text) : wrong();
    case "header":
      return isHeaderValue(text) ? text : wrong();
    case "parameters": {
      // A name without `=` is a typing error; one without a value is not.
      if (!text.split("&").every((one) => one.indexOf("=") > 0)) return wrong();
      const parameters = Object.fromEntries(new URLSearchParams(text));
      return reservedIn(name, parameters) === undefined ? parameters : wrong();
    }
    case "text":
    case "url":
    case "provider":
      return text;
  }
}

/** Whether a text can be a header's value everywhere: printable ASCII (RFC 9110 §5.5). */
function isHeaderValue(text: string): boolean {
  return /^[!-~]([ -~]*[!-~])?$/.test(text);
}

/**
 * Finds a parameter that the protocol sets itself.
 *
 * @param name The setting.
 * @param parameters The parameters.
 * @returns Its name; `undefined` when there is none.
 */
export function reservedIn(
  name: SettingName,
  parameters: Parameters,
): string | undefined {
  return settingRow(name).reserved?.find((one) =>
    Object.hasOwn(parameters, one)
  );
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
