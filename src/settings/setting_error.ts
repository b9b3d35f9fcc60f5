import { TdauthError } from "../base/errors.ts";
import { shellWord } from "../base/shell_word.ts";
import { mayReadVariable } from "../system/environment.ts";
import { OS } from "../system/os.ts";
import {
  errorText,
  isNotDirectory,
  isNotPermitted,
  reason,
} from "../system/system_error.ts";
import { fromHere, reservedIn } from "./parse_setting.ts";
import { configPath } from "./read_config.ts";
import { SecretFileError } from "./secret_file.ts";
import type { SettingProblem } from "./setting_problem.ts";
import { PROFILE_ONLY, type SettingName, settingRow } from "./setting_table.ts";

/** Throws a problem as the error that users read. */
export function failWithError(problem: SettingProblem): never {
  throw settingError(problem);
}

/** Returns the error that users read: what is wrong, and what to do. */
function settingError(problem: SettingProblem): TdauthError {
  switch (problem.is) {
    case "wrong value":
      return wrongValue(problem.name, problem.text);
    case "controls":
      // The value is not repeated: it may be a secret.
      return new TdauthError(
        "invalid_options",
        `Cannot use ${problem.name} (${
          settingRow(problem.name).variable
        }, from ${problem.source}): it contains control characters, or is not in UTF-8`,
        { hint: "remove them, or save the file in UTF-8" },
      );
    case "relative path": {
      const { name, path } = problem;
      const { variable } = settingRow(name);
      return new TdauthError(
        "invalid_options",
        `Cannot use "${path}" as ${name} (${variable}): a relative path depends on the working directory`,
        {
          hint: `use an absolute path: ${variable}=${
            shellWord(fromHere(path))
          }`,
        },
      );
    }
    case "not from .env":
      return notFromDotenv(problem);
    case "other provider": {
      const { saved, provider } = problem;
      return new TdauthError(
        "invalid_options",
        `Cannot take TD_PROVIDER from .env: it would send your ${saved} app's secret to ${provider}`,
        {
          hint: {
            text:
              "remove the line from .env, use --provider, or give the other app its own profile:",
            command: ["configure", "--profile", "NAME"],
          },
        },
      );
    }
    case "two secrets":
      return new TdauthError(
        "invalid_options",
        problem.source === "environment"
          ? "Cannot choose the app's secret: TD_CONSUMER_SECRET and TD_CONSUMER_SECRET_FILE are both set"
          : "Cannot choose the app's secret: consumerSecret and consumerSecretFile are both set",
        { hint: "remove one of them" },
      );
    case "secret file":
      return secretFile(problem.path, problem.cause);
    case "wrong seal":
      return new TdauthError(
        "invalid_options",
        `Cannot use "${problem.seal}" as "seal" in config.json: it is ${
          oneOf(PROFILE_ONLY.seal.choices)
        }`,
        {
          hint: {
            text: "set it:",
            command: ["configure", "--seal", "keychain"],
          },
        },
      );
    case "no home":
      return noHome();
    case "unreadable .env":
      return new TdauthError(
        "invalid_options",
        `Cannot read .env in the working directory: ${
          errorText(problem.cause)
        }`,
        {
          hint: "replace it with a file, or work in another directory",
          cause: problem.cause,
        },
      );
    case "unreadable config":
      return unreadable(problem.configDir, problem.cause);
    case "bad config":
      return badConfig(problem);
  }
}

function wrongValue(name: SettingName, text: string): TdauthError {
  const { kind, choices = [] } = settingRow(name);
  switch (kind) {
    case "boolean":
      return wrong(name, text, "it must be True or False");
    case "name":
      return wrong(
        name,
        text,
        "a name consists of up to 64 letters, digits, dots, dashes and underscores",
      );
    case "endpoint":
      return wrong(
        name,
        text,
        "it must be an https URL without a user name and a fragment (http only on this machine)",
      );
    case "origin":
      return wrong(
        name,
        text,
        "it must be an https URL without a path, such as https://api.example.com",
      );
    case "seconds":
      return wrong(name, text, "it must be a whole number of seconds");
    case "keeper":
      return wrong(
        name,
        text,
        "it must be ssh://user@host, or the path of a socket of tdauth serve",
      );
    case "header":
      return wrong(name, text, "it must be printable ASCII");
    case "parameters": {
      const parameters = Object.fromEntries(new URLSearchParams(text));
      const reserved = reservedIn(name, parameters);
      return wrong(
        name,
        text,
        reserved === undefined
          ? "it must be NAME=VALUE, several joined by &"
          : `the protocol sets ${reserved} itself`,
      );
    }
    default:
      return wrong(name, text, `it is ${oneOf(choices)}`);
  }
}

function wrong(name: SettingName, value: string, why: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot use "${value}" as ${name} (${settingRow(name).variable}): ${why}`,
    { hint: "use another value, or omit it for the default" },
  );
}

function notFromDotenv(
  { variable, chooses, name }: SettingProblem & { is: "not from .env" },
): TdauthError {
  const row = name === undefined ? undefined : settingRow(name);
  return new TdauthError(
    "invalid_options",
    `Cannot take ${variable} from .env: a file in the working directory may not choose ${chooses}`,
    {
      hint: [
        `set ${variable} in the environment`,
        ...(row?.flag === undefined ? [] : [`, or use ${row.flag}`]),
        ...(row?.inProfile
          ? [{ text: ", or run", command: ["configure"] }]
          : []),
        "; then remove the line from .env",
      ],
    },
  );
}

function noHome(): TdauthError {
  const name = OS === "windows" ? "APPDATA" : "HOME";
  if (!mayReadVariable(name)) {
    return new TdauthError(
      "invalid_options",
      "Cannot find the configuration directory: this script lacks the permission to read the environment (--allow-env)",
      { hint: "run it with --allow-env, or pass configDir" },
    );
  }
  return new TdauthError(
    "invalid_options",
    `Cannot find the configuration directory: ${name} is not set to an absolute path`,
    {
      hint:
        `set ${name}, or set a directory with --config-dir or TD_CONFIG_DIR`,
    },
  );
}

function unreadable(configDir: string, cause: unknown): TdauthError {
  const path = configPath(configDir);
  if (isNotPermitted(cause)) {
    return new TdauthError(
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
    return new TdauthError(
      "invalid_options",
      `Cannot read the settings in "${path}": "${configDir}" is not a directory`,
      { hint: "use another one with TD_CONFIG_DIR or --config-dir", cause },
    );
  }
  return bad(path, errorText(cause));
}

function badConfig(
  { configDir, part, profile, key }: SettingProblem & { is: "bad config" },
): TdauthError {
  const path = configPath(configDir);
  switch (part) {
    case "JSON":
      return bad(path, "it is not JSON");
    case "object":
      return bad(path, "it is not a JSON object");
    case "profiles":
      return bad(path, '"profiles" is not an object');
    case "profile":
      return bad(path, `the profile "${profile}" is not an object`);
    case "value":
      return bad(path, `"${key}" of the profile "${profile}" is not a string`);
  }
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

function secretFile(path: string, cause: unknown): TdauthError {
  const fix = cause instanceof SecretFileError ? cause.fix : undefined;
  return new TdauthError(
    "invalid_options",
    `Cannot read the app's secret from "${path}": ${reason(cause)}`,
    {
      hint: fix === undefined
        ? "write the secret, and nothing else, into a file of at most 64 KiB that only you or root can write"
        : `${fix} ${shellWord(path)}`,
      cause,
    },
  );
}

/** `keychain, passphrase or key` */
function oneOf(choices: readonly string[]): string {
  return `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}
