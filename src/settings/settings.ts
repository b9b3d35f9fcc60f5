import { isAbsolute, platformConfigDir } from "../system/config_dir.ts";
import { type Env, mayReadVariable, realEnv } from "../system/environment.ts";
import { TdauthError } from "../base/errors.ts";
import { shellWord } from "../base/shell_word.ts";
import { OS } from "../system/os.ts";
import { readConfig } from "./config_file.ts";
import { type ReadDotenv, readDotenv } from "./dotenv.ts";
import { refuseFromDotenv, refuseKeys } from "./dotenv_trust.ts";
import {
  absolutePath,
  fromHere,
  oneOf,
  parseSetting,
} from "./parse_setting.ts";
import {
  PROFILE_ONLY,
  SETTING_NAMES,
  type SettingName,
  settingRow,
  SETTINGS,
  type Source,
  type Sources,
} from "./setting_table.ts";
import {
  PROFILE_NAMES,
  type ProfileOnly,
  type SettingTexts,
  type SettingValues,
} from "./setting_values.ts";

export type { SettingTexts } from "./setting_values.ts";

/** Characters that a terminal would interpret, or that change the display order. */
const CONTROLS =
  // deno-lint-ignore no-control-regex -- the pattern finds them
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

/** Where to look for settings. */
export interface SettingsOptions {
  /** The settings given by the program or on the command line. */
  readonly given?: SettingTexts;
  /** What `given` is. @default {"call"} */
  readonly givenAs?: "call" | "flag";
  /** The environment. @default {the real one} */
  readonly env?: Env;
  /** Whether the caller has its own cache. @default {false} */
  readonly ownCache?: boolean;
  /** Reads `.env`. @default {from the working directory} */
  readonly dotenv?: ReadDotenv;
}

/** Settings that were found. */
export interface Settings extends SettingValues, ProfileOnly {
  /** The configuration directory, absolute. Looked up when first read: throws `invalid_options` where there is none. */
  readonly configDir: string;
  /** The names of the profiles that there are. */
  readonly profiles: readonly string[];
  /** Where each setting came from. */
  readonly sources: Sources;
}

/**
 * Resolves every setting: from the call or the flag, else the environment,
 * else `.env` in the working directory, else the profile in `config.json`, else
 * the default.
 *
 * @param options Where to look.
 * @returns The settings, with where each came from.
 * @throws {TdauthError} `invalid_options` when one is invalid.
 */
export async function resolveSettings(
  options: SettingsOptions = {},
): Promise<Settings> {
  const env = options.env ?? realEnv;
  const given = options.given ?? {};
  const sources: Partial<Record<SettingName, Source>> = {};
  const found: Partial<Record<SettingName, string | boolean>> = {};
  // Each is parsed by its row's kind, from which the type is derived.
  const values = found as SettingValues;
  const dotenv = await (options.dotenv ?? readDotenv)();
  let config: SettingTexts = {};
  let names: readonly string[] = [];
  let seal: ProfileOnly["seal"];

  const find = (name: SettingName): string | undefined => {
    const { variable, inProfile } = settingRow(name);
    let source: Source = options.givenAs ?? "call";
    let value = given[name];
    if (value === undefined) {
      source = "environment";
      value = env(variable);
    }
    if (value === undefined) {
      source = ".env";
      value = dotenv[variable];
    }
    if (value === undefined && inProfile) {
      source = "config.json";
      value = config[name];
    }
    if (value === undefined) return undefined;
    sources[name] = source;
    const text = value.trim();
    if (CONTROLS.test(text)) throw controls(name, source);
    if (source === ".env") refuseFromDotenv(name, text);
    if (source === "environment") refuseRelative(name, text);
    return text;
  };

  refuseKeys(dotenv, env);
  const read = (name: SettingName): void => {
    const said = find(name);
    const { inProfile, default: otherwise } = settingRow(name);
    // An empty string removes a value from a profile.
    const text = inProfile && said === "" ? otherwise : said ?? otherwise;
    if (text !== undefined) found[name] = parseSetting(name, text, env);
  };
  for (const name of SETTING_NAMES) {
    if (!settingRow(name).inProfile && name !== "configDir") read(name);
  }
  const namedDir = find("configDir");
  const configDir = lazily(() =>
    (namedDir === undefined ? undefined : absolutePath(namedDir, env)) ??
      platformConfigDir(env) ?? noHome()
  );
  const consumerKey = find("consumerKey");
  const everything = given.consumerKey !== undefined &&
    given.callbackUrl !== undefined &&
    (!values.storeTokens || options.ownCache === true);
  // A script that sets everything and stores nothing needs no home directory.
  if (!everything) {
    const { profiles } = readConfig(configDir());
    names = Object.keys(profiles);
    const saved = Object.hasOwn(profiles, values.profile)
      ? profiles[values.profile] ?? {}
      : {};
    // Also for another app: naming one must not write its tokens unencrypted.
    seal = checkedSeal(saved.seal);
    // The settings of a different app do not apply: its secret would go to the wrong place.
    const same = consumerKey === undefined || saved.consumerKey === undefined ||
      saved.consumerKey === consumerKey;
    if (same) config = saved;
  }
  for (const name of PROFILE_NAMES) read(name);
  refuseOtherBroker(values, config, sources);
  return {
    ...values,
    ...(seal !== undefined && { seal }),
    sources,
    profiles: names,
    get configDir() {
      return configDir();
    },
  };
}

/**
 * Rejects a provider from `.env` when it would receive the secret of the user's
 * app at another broker.
 */
function refuseOtherBroker(
  { provider, consumerSecret }: SettingValues,
  saved: SettingTexts,
  sources: Sources,
): void {
  if (sources.provider !== ".env" || sources.consumerSecret === ".env") return;
  const same = saved.provider?.toLowerCase() === provider?.toLowerCase();
  if (consumerSecret === undefined || saved.provider === undefined || same) {
    return;
  }
  throw new TdauthError(
    "invalid_options",
    `Cannot take TD_PROVIDER from .env: it would send your ${saved.provider} app's secret to ${provider}`,
    {
      hint: {
        text:
          "remove the line from .env, use --provider, or give the other app its own profile:",
        command: ["configure", "--profile", "NAME"],
      },
    },
  );
}

/** Rejects relative paths in variables: a variable is set in every directory that a shell enters. */
function refuseRelative(name: SettingName, path: string): void {
  const { kind, variable } = settingRow(name);
  if (
    kind !== "path" || path === "" || isAbsolute(path) || /^~(\/|$)/.test(path)
  ) {
    return;
  }
  throw new TdauthError(
    "invalid_options",
    `Cannot use "${path}" as ${name} (${variable}): a relative path depends on the working directory`,
    {
      hint: `use an absolute path: ${variable}=${shellWord(fromHere(path))}`,
    },
  );
}

/** Throws why there is no directory. */
function noHome(): never {
  const name = OS === "windows" ? "APPDATA" : "HOME";
  if (!mayReadVariable(name)) {
    throw new TdauthError(
      "invalid_options",
      "Cannot find the configuration directory: this script lacks the permission to read the environment (--allow-env)",
      { hint: "run it with --allow-env, or pass configDir" },
    );
  }
  throw new TdauthError(
    "invalid_options",
    `Cannot find the configuration directory: ${name} is not set to an absolute path`,
    {
      hint:
        `set ${name}, or set a directory with --config-dir or TD_CONFIG_DIR`,
    },
  );
}

function checkedSeal(seal: string | undefined): ProfileOnly["seal"] {
  const { choices } = PROFILE_ONLY.seal;
  const chosen = choices.find((choice) => choice === seal);
  if (seal === undefined || chosen !== undefined) return chosen;
  throw new TdauthError(
    "invalid_options",
    `Cannot use "${seal}" as "seal" in config.json: it is ${oneOf(choices)}`,
    { hint: { text: "set it:", command: ["configure", "--seal", "keychain"] } },
  );
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The value is not repeated: it may be a secret. */
function controls(name: SettingName, source: Source): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot use ${name} (${
      SETTINGS[name].variable
    }, from ${source}): it contains control characters`,
    { hint: "remove them" },
  );
}
