import {
  type Env,
  isAbsolute,
  platformConfigDir,
  realEnv,
} from "../config_dir.ts";
import { TdauthError } from "../errors.ts";
import type { LogLevel } from "../log.ts";
import { isLoopback } from "../loopback.ts";
import { type Profile, readConfig } from "./config_file.ts";
import { isProfileName } from "./profile_name.ts";
import { type ReadDotenv, readDotenv } from "./dotenv.ts";

/** Where a setting came from. */
export type Source =
  | "call"
  | "flag"
  | "environment"
  | ".env"
  | "config.json"
  | "default";

/** Settings as texts, before they are checked; absent ones are looked up elsewhere. */
export type SettingTexts = { readonly [K in SettingName]?: string | undefined };

/** The name of a setting, in calls. */
export type SettingName = keyof typeof VARIABLES;

/** The environment variable of each setting. */
export const VARIABLES = {
  profile: "TD_PROFILE",
  configDir: "TD_CONFIG_DIR",
  storeTokens: "TD_STORE_TOKENS",
  logLevel: "TD_LOG_LEVEL",
  provider: "TD_PROVIDER",
  consumerKey: "TD_CONSUMER_KEY",
  consumerSecret: "TD_CONSUMER_SECRET",
  callbackUrl: "TD_CALLBACK_URL",
  scope: "TD_SCOPE",
  sandbox: "TD_SANDBOX",
  certFile: "TD_CERT_FILE",
  keyFile: "TD_KEY_FILE",
} as const;

/** What `config.json` does not hold, because it is needed to find it or is a matter of the moment. */
export const NOT_IN_CONFIG: readonly string[] = [
  "profile",
  "configDir",
  "storeTokens",
  "logLevel",
];

const LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error"];

/** Where settings are looked for. */
export interface SettingsOptions {
  /** The settings given by the program or on the command line. */
  readonly given?: SettingTexts;
  /** What `given` is. @default {"call"} */
  readonly givenAs?: "call" | "flag";
  /** The environment. @default {the real one} */
  readonly env?: Env;
  /** Whether tokens are kept in a cache of the caller's own. @default {false} */
  readonly ownCache?: boolean;
  /** Reads `.env`. @default {from the working directory} */
  readonly dotenv?: ReadDotenv;
}

/** Settings that were found. */
export interface Settings extends Profile {
  /** The profile's name. */
  readonly profile: string;
  /** Whether tokens are kept on disk. */
  readonly storeTokens: boolean;
  /** How much is said on stderr. */
  readonly logLevel: LogLevel;
  /** The configuration directory, absolute. Looked up when first read: throws `invalid_options` where there is none. */
  readonly configDir: string;
  /** The names of the profiles that there are. */
  readonly profiles: readonly string[];
  /** Where each setting came from. */
  readonly sources: Readonly<Partial<Record<SettingName, Source>>>;
}

/**
 * Finds every setting: what the call or the flag says, else the environment,
 * else `.env` in the working directory, else the profile in `config.json`, else
 * the default.
 *
 * @param options Where to look.
 * @returns The settings, with where each came from.
 * @throws {TdauthError} `invalid_options` when one cannot be what it says.
 */
export async function resolveSettings(
  options: SettingsOptions = {},
): Promise<Settings> {
  const env = options.env ?? realEnv;
  const given = options.given ?? {};
  const sources: Partial<Record<SettingName, Source>> = {};
  const dotenv = await (options.dotenv ?? readDotenv)();
  let config: Profile = {};
  let names: readonly string[] = [];
  let seal: Profile["seal"];

  const find = (name: SettingName): string | undefined => {
    const variable = VARIABLES[name];
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
    if (value === undefined && !NOT_IN_CONFIG.includes(name)) {
      source = "config.json";
      value = config[name as keyof Profile];
    }
    if (value === undefined) return undefined;
    sources[name] = source;
    const text = value.trim();
    // deno-lint-ignore no-control-regex -- a terminal would obey them
    if (/[\x00-\x1f\x7f-\x9f]/.test(text)) throw controls(name, source);
    return text;
  };

  const profile = find("profile") ?? "default";
  if (!isProfileName(profile)) {
    throw bad(
      "profile",
      profile,
      "a name has letters, digits, dots, dashes and underscores, 64 at most",
    );
  }
  const storeTokens = parseBoolean(find("storeTokens"));
  const logLevel = parseLogLevel(find("logLevel"));
  const namedDir = find("configDir");
  const configDir = lazily(() =>
    absolute(namedDir, env) ?? platformConfigDir(env) ?? noHome()
  );
  const consumerKey = find("consumerKey");
  const everything = given.consumerKey !== undefined &&
    given.callbackUrl !== undefined &&
    (!storeTokens || options.ownCache === true);
  // A script that says everything and stores nothing needs no home directory.
  if (!everything) {
    const { profiles } = readConfig(configDir());
    names = Object.keys(profiles);
    const saved = Object.hasOwn(profiles, profile)
      ? profiles[profile] ?? {}
      : {};
    // Also for another app: naming one must not write its tokens in clear.
    seal = checkedSeal(saved.seal);
    // The settings of another app than the one named: its secret would go to the wrong place.
    const same = consumerKey === undefined || saved.consumerKey === undefined ||
      saved.consumerKey === consumerKey;
    if (same) config = saved;
  }
  const found: Record<string, string> = {};
  for (const name of Object.keys(VARIABLES) as SettingName[]) {
    if (NOT_IN_CONFIG.includes(name)) continue;
    const value = find(name);
    if (value === undefined || value === "") continue;
    // It is remembered, and the next command may be called elsewhere.
    const isFile = name === "certFile" || name === "keyFile";
    found[name] = isFile ? absolute(value, env) ?? value : value;
  }
  refuseEndpoints(found, sources);
  return {
    ...found as Profile,
    ...(seal !== undefined && { seal }),
    profile,
    storeTokens,
    logLevel,
    sources,
    profiles: names,
    get configDir() {
      return configDir();
    },
  };
}

/** A file in the working directory may be someone else's: it must not choose whom the tokens and secrets are sent to. */
function refuseEndpoints(
  found: Profile,
  sources: Partial<Record<SettingName, Source>>,
): void {
  const untrusted = (name: SettingName) =>
    sources[name] === ".env" ||
    (sources.configDir === ".env" && sources[name] === "config.json");
  const isEndpoint = {
    sandbox: true,
    provider: found.provider?.includes("://") ?? false,
    // The code would be sent there: with an app of theirs, and the user's consent, it is their login.
    callbackUrl: !isLocal(found.callbackUrl),
  };
  for (const name of ["sandbox", "provider", "callbackUrl"] as const) {
    if (found[name] === undefined) continue;
    if (!isEndpoint[name] || !untrusted(name)) continue;
    throw new TdauthError(
      "invalid_options",
      `Cannot take ${
        VARIABLES[name]
      } from .env: a file in the working directory may not choose where secrets are sent`,
      {
        hint: `set ${
          VARIABLES[name]
        } in the environment, or run tdauth configure`,
      },
    );
  }
}

function isLocal(url: string | undefined): boolean {
  return url !== undefined && URL.canParse(url) && isLoopback(new URL(url));
}

/** Why there is no directory to be found. */
function noHome(): never {
  const name = Deno.build.os === "windows" ? "APPDATA" : "HOME";
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  if (state !== "granted") {
    throw new TdauthError(
      "invalid_options",
      "Cannot find the configuration directory: this script may not read the environment (--allow-env)",
      { hint: "run it with --allow-env, or give configDir in the call" },
    );
  }
  throw new TdauthError(
    "invalid_options",
    `Cannot find the configuration directory: ${name} is not set to an absolute path`,
    {
      hint:
        `set ${name}, or name a directory with --config-dir or TD_CONFIG_DIR`,
    },
  );
}

function checkedSeal(seal: string | undefined): Profile["seal"] {
  if (
    seal === undefined || seal === "keychain" || seal === "passphrase" ||
    seal === "key"
  ) return seal;
  throw new TdauthError(
    "invalid_options",
    `Cannot use "${seal}" as "seal" in config.json: it is keychain, passphrase or key`,
    { hint: "set it: tdauth configure --seal keychain" },
  );
}

function parseBoolean(text: string | undefined): boolean {
  if (text === undefined || /^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  throw bad("storeTokens", text, "it is True or False");
}

function parseLogLevel(text: string | undefined): LogLevel {
  if (text === undefined) return "info";
  const level = text.toLowerCase().replace(/^warn$/, "warning");
  if (LEVELS.some((known) => known === level)) return level as LogLevel;
  throw bad("logLevel", level, "it is debug, info, warning or error");
}

function absolute(path: string | undefined, env: Env): string | undefined {
  if (path === undefined || path === "") return undefined;
  // A shell expands ~ itself; in .env nobody does.
  if (path === "~" || path.startsWith("~/")) {
    const home = env("HOME");
    return home === undefined ? undefined : `${home}${path.slice(1)}`;
  }
  return isAbsolute(path) ? path : `${Deno.cwd()}/${path.replace(/^\.\//, "")}`;
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
      VARIABLES[name]
    }, from ${source}): there are control characters in it`,
    { hint: "give it again without them" },
  );
}

function bad(name: SettingName, value: string, why: string): TdauthError {
  return new TdauthError(
    "invalid_options",
    `Cannot use "${value}" as ${name} (${VARIABLES[name]}): ${why}`,
    { hint: "give another value, or leave it out for the default" },
  );
}
