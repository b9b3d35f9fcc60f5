import { isAbsolute, platformConfigDir } from "../system/config_dir.ts";
import { type Env, realEnv } from "../system/environment.ts";
import { refuseFromDotenv, refuseKeys } from "./dotenv_trust.ts";
import { absolutePath, parseSetting } from "./parse_setting.ts";
import { type ConfigFile, readConfigFile } from "./read_config.ts";
import { ifThere } from "../system/read_text.ts";
import { readSecretFile } from "./secret_file.ts";
import type { Fail } from "./setting_problem.ts";
import {
  PROFILE_ONLY,
  SETTING_NAMES,
  type SettingName,
  settingRow,
  type Source,
  type Sources,
} from "./setting_table.ts";
import {
  PROFILE_NAMES,
  type ProfileOnly,
  type SettingTexts,
  type SettingValue,
  type SettingValues,
} from "./setting_values.ts";

/** Characters that a terminal would interpret, or that change the display order, and what is left of those that are no UTF-8. */
const CONTROLS =
  // deno-lint-ignore no-control-regex -- the pattern finds them
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]/;

/** The name of the credential with the app's secret, in a unit of systemd. */
const CREDENTIAL = "tdauth-consumer-secret";

/** Where to find settings. */
export interface FindOptions {
  /** The settings given by the program or on the command line. */
  readonly given?: SettingTexts;
  /** What `given` is. @default {"call"} */
  readonly givenAs?: "call" | "flag";
  /** The environment. @default {the real one} */
  readonly env?: Env;
  /** Whether the caller has its own cache. @default {false} */
  readonly ownCache?: boolean;
  /** What was read of `config.json` already, for what is done with every profile: with 10,000 it is megabytes. @default {it is read} */
  readonly config?: ConfigFile;
  /** The variables in `.env`. */
  readonly dotenv: Readonly<Record<string, string>>;
  /** Why `.env` is there and could not be read. */
  readonly unread?: string | undefined;
  /** Throws when a setting is invalid. */
  readonly fail: Fail;
}

/** Settings that were found. */
export interface Settings extends SettingValues, ProfileOnly {
  /** The configuration directory, absolute. Looked up when first read, which fails where there is none. */
  readonly configDir: string;
  /** The directory of the token files, absolute; looked up in the same way. */
  readonly tokenDir: string;
  /** The names of the profiles that there are. */
  readonly profiles: readonly string[];
  /** Where each setting came from. */
  readonly sources: Sources;
  /** Why `.env` is there and could not be read. */
  readonly unread?: string;
}

/**
 * Resolves every setting: from the call or the flag, else the environment,
 * else `.env` in the working directory, else the profile in `config.json`, else
 * the default.
 *
 * @param options Where to look, and what to do about a problem.
 * @returns The settings, with where each came from.
 */
export function findSettings(options: FindOptions): Settings {
  const { dotenv, fail } = options;
  const env = options.env ?? realEnv;
  const given = options.given ?? {};
  const sources: Partial<Record<SettingName, Source>> = {};
  const found: Partial<Record<SettingName, SettingValue>> = {};
  // Each is parsed by its row's kind, from which the type is derived.
  const values = found as SettingValues;
  let config: SettingTexts = {};
  let names: readonly string[] = [];
  let seal: ProfileOnly["seal"];

  const find = (name: SettingName): string | undefined => {
    const { variable, inProfile, ofProvider } = settingRow(name);
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
      value = ofProvider && isOther(values.provider, config.provider)
        ? undefined
        : config[name];
    }
    if (value === undefined) return undefined;
    sources[name] = source;
    const text = value.trim();
    if (CONTROLS.test(text)) return fail({ is: "controls", name, source });
    if (source === ".env") refuseFromDotenv(name, text, fail);
    if (source === "environment") refuseRelative(name, text, fail);
    return text;
  };

  refuseKeys(dotenv, env, fail);
  const read = (name: SettingName): void => {
    const said = find(name);
    const { inProfile, default: otherwise } = settingRow(name);
    // An empty string removes a value from a profile.
    const text = inProfile && said === "" ? otherwise : said ?? otherwise;
    if (text !== undefined) found[name] = parseSetting(name, text, env, fail);
  };
  for (const name of SETTING_NAMES) {
    if (!settingRow(name).inProfile && name !== "configDir") read(name);
  }
  const namedDir = find("configDir");
  const configDir = lazily(() =>
    (namedDir === undefined ? undefined : absolutePath(namedDir, env)) ??
      platformConfigDir(env) ?? fail({ is: "no home" })
  );
  const consumerKey = find("consumerKey");
  const everything = given.consumerKey !== undefined &&
    given.callbackUrl !== undefined &&
    (!values.storeTokens || options.ownCache === true);
  // A script that sets everything and stores nothing needs no home directory.
  if (!everything) {
    const { profiles } = options.config ?? readConfigFile(configDir(), fail);
    names = Object.keys(profiles);
    const saved = Object.hasOwn(profiles, values.profile)
      ? profiles[values.profile] ?? {}
      : {};
    // Also for another app: naming one must not write its tokens unencrypted.
    seal = checkedSeal(saved.seal, fail);
    // The settings of a different app do not apply: its secret would go to the wrong place.
    const same = consumerKey === undefined || saved.consumerKey === undefined ||
      saved.consumerKey === consumerKey;
    if (same) config = saved;
  }
  for (const name of PROFILE_NAMES) read(name);
  const file = secretFile(values, given, sources, env, fail);
  const secret = file === undefined ? undefined : secretIn(file, fail);
  if (file !== undefined && secret !== undefined) {
    found.consumerSecretFile = file;
    found.consumerSecret = secret;
    sources.consumerSecret = "file";
  }
  refuseOtherProvider(values, config, sources, fail);
  return {
    ...values,
    ...(seal !== undefined && { seal }),
    ...(options.unread !== undefined && { unread: options.unread }),
    sources,
    profiles: names,
    get configDir() {
      return configDir();
    },
    get tokenDir() {
      return values.tokenDir ?? configDir();
    },
  };
}

/**
 * Returns the file that has the app's secret: one that is set where nothing of
 * the same place or before sets the secret itself, else the credential of that
 * name that systemd hands to a unit (systemd.exec(5), "Credentials").
 */
function secretFile(
  { consumerSecretFile: file }: SettingValues,
  given: SettingTexts,
  sources: Sources,
  env: Env,
  fail: Fail,
): string | undefined {
  const source = sources.consumerSecretFile;
  const set = sources.consumerSecret;
  const inCall = given.consumerSecret !== undefined;
  if (file !== undefined) {
    if (source === set) return fail({ is: "two secrets", source });
    return inCall ? undefined : file;
  }
  const directory = env("CREDENTIALS_DIRECTORY");
  if (inCall || set === "environment" || directory === undefined) return;
  return isAbsolute(directory) ? `${directory}/${CREDENTIAL}` : undefined;
}

/** The secret in a file; nothing where systemd hands over none. */
function secretIn(file: string, fail: Fail): string | undefined {
  const read = () => readSecretFile(file);
  try {
    const secret = file.endsWith(`/${CREDENTIAL}`) ? ifThere(read) : read();
    if (secret === undefined || !CONTROLS.test(secret)) return secret;
  } catch (cause) {
    return fail({ is: "secret file", path: file, cause });
  }
  return fail({ is: "controls", name: "consumerSecret", source: "file" });
}

/** Whether a provider is another than the one whose settings a profile has. */
function isOther(
  provider: string | undefined,
  saved: string | undefined,
): boolean {
  return provider?.toLowerCase() !== saved?.toLowerCase();
}

/**
 * Rejects a provider from `.env` when it would receive the secret of the user's
 * app at another provider.
 */
function refuseOtherProvider(
  { provider, consumerSecret }: SettingValues,
  saved: SettingTexts,
  sources: Sources,
  fail: Fail,
): void {
  if (sources.provider !== ".env" || sources.consumerSecret === ".env") return;
  const same = !isOther(provider, saved.provider);
  if (consumerSecret === undefined || saved.provider === undefined || same) {
    return;
  }
  fail({ is: "other provider", saved: saved.provider, provider });
}

/** Rejects relative paths in variables: a variable is set in every directory that a shell enters. */
function refuseRelative(name: SettingName, path: string, fail: Fail): void {
  const known = path === "" || isAbsolute(path) || /^~(\/|$)/.test(path);
  if (settingRow(name).kind !== "path" || known) return;
  fail({ is: "relative path", name, path });
}

function checkedSeal(
  seal: string | undefined,
  fail: Fail,
): ProfileOnly["seal"] {
  const chosen = PROFILE_ONLY.seal.choices.find((choice) => choice === seal);
  if (seal === undefined || chosen !== undefined) return chosen;
  return fail({ is: "wrong seal", seal });
}

function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
