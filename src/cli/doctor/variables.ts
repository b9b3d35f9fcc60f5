import { configPath, readConfig } from "../../settings/config_file.ts";
import { PROFILE_KEYS } from "../../settings/setting_values.ts";
import {
  OWN_VARIABLES,
  SECRET_VARIABLES,
  VARIABLES,
} from "../../settings/variable_table.ts";
import { unreadNames } from "../../settings/dotenv.ts";
import { isOpenToOthers, statOf } from "../../system/file_stat.ts";
import { readTextFile } from "../../system/read_text.ts";
import { type Finding, ok, warning } from "./finding.ts";
import { nearest } from "./nearest.ts";
import { visible } from "./copied_text.ts";
import type { Facts } from "./facts.ts";

/** Finds settings without effect: misspelled variables and keys, overridden `.env` values, settings of another app. */
export function variablesCheck(facts: Facts): Finding[] {
  const found = [
    ...ofDotenv(facts),
    ...unknownVariables(facts),
    ...overridden(facts),
    ...readable(facts),
    ...ofConfig(facts),
  ];
  return found.length > 0 ? found : [ok("spelling", "every setting is known")];
}

/** What is in `.env` and has no effect: all of it, or names that are not written as a shell would read them. */
function ofDotenv({ unread }: Facts): Finding[] {
  if (unread !== undefined) {
    return [
      warning("env file", `.env cannot be read: ${unread}`, {
        fix: "save it in UTF-8, and let only yourself read it",
      }),
    ];
  }
  let text = "";
  try {
    text = readTextFile(".env");
  } catch {
    return []; // there is none
  }
  return unreadNames(text).map((name) =>
    warning("env file", `${visible(name)} in .env is not read`, {
      fix: "write the name without quotes and invisible characters",
    })
  );
}

function unknownVariables({ variables, dotenv }: Facts): Finding[] {
  const unknown = (names: readonly string[], where: string) =>
    names.filter((name) => /^TD_/i.test(name) && !OWN_VARIABLES.includes(name))
      .sort()
      .map((name) =>
        warning(
          "spelling",
          `${name} ${where} is not a tdauth variable`,
          meant(name, nearest(name, OWN_VARIABLES)),
        )
      );
  return [
    ...unknown(variables, "in the environment"),
    ...unknown(Object.keys(dotenv), "in .env"),
    // What only the environment may set is rejected earlier.
    ...Object.keys(VARIABLES).filter((name) => dotenv[name] !== undefined)
      .map((name) =>
        warning("env file", `${name} in .env is ignored`, {
          fix: "set it in the environment",
        })
      ),
  ];
}

function meant(name: string, near: string | undefined): { fix: string } {
  return {
    fix: near === undefined
      ? `remove ${name}, unless another program uses it`
      : `did you mean ${near}?`,
  };
}

/** What the environment overrides. The texts may be secrets, so they are only compared. */
function overridden({ env, dotenv }: Facts): Finding[] {
  return Object.entries(dotenv)
    .filter(([name, value]) => (env(name) ?? value) !== value)
    .map(([name]) =>
      warning(
        "env file",
        `${name} in .env is overridden by the environment`,
        { fix: "remove one of the two", command: `unset ${name}` },
      )
    );
}

/** A `.env` file has whatever permissions it was created with. */
function readable({ dotenv }: Facts): Finding[] {
  if (!SECRET_VARIABLES.some((name) => dotenv[name] !== undefined)) return [];
  if (!isOpenToOthers(statOf(".env"))) return [];
  return [
    warning("env file", "others can read .env, which contains a secret", {
      fix: "restrict its permissions",
      command: "chmod 600 .env",
    }),
  ];
}

function ofConfig({ settings }: Facts): Finding[] {
  if (settings === undefined) return [];
  const path = configPath(settings.configDir);
  const { profiles, ...others } = readConfig(settings.configDir);
  const findings = Object.keys(others).map((key) =>
    warning(
      "spelling",
      `"${key}" in config.json is not a tdauth key`,
      {
        fix: PROFILE_KEYS.includes(key)
          ? `move it into a profile, under "profiles", in ${path}`
          : meant(`"${key}"`, nearest(key, ["profiles"])).fix,
      },
    )
  );
  for (const [name, profile] of Object.entries(profiles)) {
    for (const key of Object.keys(profile)) {
      if (PROFILE_KEYS.includes(key)) continue;
      findings.push(warning(
        "spelling",
        `"${key}" of the profile "${name}" in config.json is not a setting`,
        meant(`"${key}"`, nearest(key, PROFILE_KEYS)),
      ));
    }
  }
  const saved = Object.hasOwn(profiles, settings.profile)
    ? profiles[settings.profile]
    : undefined;
  const { consumerKey, sources } = settings;
  if (
    saved?.consumerKey !== undefined && saved.consumerKey !== consumerKey
  ) {
    findings.push(warning(
      "other app",
      `the profile "${settings.profile}" in config.json is ignored: its consumer key differs from the one in ${
        sources.consumerKey ?? "the call"
      }`,
      { fix: "use a separate profile for this app with --profile" },
    ));
  }
  return findings;
}
