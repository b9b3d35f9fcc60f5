import { LOG_LEVELS } from "../base/log.ts";
import { isLoopback } from "../base/loopback.ts";
import { assumedPreset, presetChoices } from "../providers/presets.ts";
import type { SealKeySource } from "../token/sealed_text.ts";

/**
 * Where a setting may come from. `.env` lies in the working directory, which
 * may be a stranger's: it chooses no place, no endpoint, no program and no file
 * of secrets. A row without a `trust` does not compile.
 */
export type Trust = "anywhere" | NotFromDotenv;

/** Why a setting is refused in `.env`. */
export interface NotFromDotenv {
  /** What it would choose there, for the error. */
  readonly chooses: string;
  /** Values that are harmless there all the same. @default {none} */
  readonly harmless?: {
    /** What they are. */
    readonly what: string;
    /** Whether a value is one of them. */
    readonly is: (value: string) => boolean;
  };
}

/**
 * What a setting's text is, which decides how it is read. A `path` is made
 * absolute, as a relative one would name another place in every folder; a `name`
 * may be part of a file's name; a `provider` is a preset's key or an issuer's URL,
 * and in calls a provider of the caller's own; a `choice` is one of the row's
 * `choices`.
 */
export type SettingKind =
  | "text"
  | "url"
  | "path"
  | "name"
  | "provider"
  | "boolean"
  | "choice";

/**
 * One setting. A row is all there is to write: variable, option, profile key,
 * types, documentation and its trust in `.env` follow from it.
 */
export interface SettingRow {
  /** Its environment variable. */
  readonly variable: string;
  /** Its flag; a secret has none, for arguments are seen by every user of the machine. */
  readonly flag?: `--${string}`;
  /** Which commands accept the flag: all, or also those that only select the app. @default {all where it is not in the profile, else those that describe the app} */
  readonly flagOf?: "program" | "appKey";
  /** What the flag's help calls its value: `<dir>`. @default {what the kind is called} */
  readonly value?: string;
  /** What it is made of. */
  readonly kind: SettingKind;
  /** What a `choice` can be. */
  readonly choices?: readonly string[];
  /** What is taken for one of the choices, by what is written. @default {none} */
  readonly synonyms?: Readonly<Record<string, string>>;
  /** Its value when it is not set. @default {it is absent then} */
  readonly default?: string;
  /** What happens when it is not set and there is no `default`, for users. */
  readonly otherwise?: string;
  /** Whether it is never shown, logged or given as an argument. */
  readonly secret: boolean;
  /** Whether `config.json` holds it; else it is needed to find that file or is a matter of the moment. */
  readonly inProfile: boolean;
  /** What it is, as one sentence for help, manual, documentation and editors; more sentences may follow. */
  readonly help: string;
  /** Where it may come from. */
  readonly trust: Trust;
}

const KEY_FILES = { chooses: "certificate and key files" };
const SECRETS_TO = "where secrets are sent";

/** Every setting. */
export const SETTINGS = {
  provider: {
    variable: "TD_PROVIDER",
    flag: "--provider",
    flagOf: "program",
    value: "name|issuer",
    kind: "provider",
    secret: false,
    inProfile: true,
    otherwise: `${assumedPreset(true).key} for an app with a secret, ${
      assumedPreset(false).key
    } for one without`,
    help: `The broker: ${presetChoices("an issuer's URL")}.`,
    trust: {
      chooses: SECRETS_TO,
      harmless: {
        what: "a preset's name",
        is: (value) => !value.includes("://"),
      },
    },
  },
  consumerKey: {
    variable: "TD_CONSUMER_KEY",
    flag: "--consumer-key",
    flagOf: "appKey",
    value: "key",
    kind: "text",
    secret: false,
    inProfile: true,
    help: "The app's key, its OAuth client ID.",
    trust: "anywhere",
  },
  consumerSecret: {
    variable: "TD_CONSUMER_SECRET",
    kind: "text",
    secret: true,
    inProfile: true,
    help: "The app's OAuth client secret, where the broker issued one.",
    trust: "anywhere",
  },
  callbackUrl: {
    variable: "TD_CALLBACK_URL",
    flag: "--callback-url",
    flagOf: "appKey",
    value: "url",
    kind: "url",
    secret: false,
    inProfile: true,
    // The code would be sent there: with an app of theirs, and the user's consent, it is their login.
    help: "The callback URL, exactly as registered.",
    trust: {
      chooses: SECRETS_TO,
      harmless: { what: "a URL on this machine", is: isLocal },
    },
  },
  scope: {
    variable: "TD_SCOPE",
    flag: "--scope",
    value: "scope",
    kind: "text",
    secret: false,
    inProfile: true,
    otherwise: "the provider's",
    help: "The scope to ask for, values separated by spaces.",
    trust: "anywhere",
  },
  sandbox: {
    variable: "TD_SANDBOX",
    flag: "--sandbox",
    value: "url",
    kind: "url",
    secret: false,
    inProfile: true,
    help: "The URL of a practice broker to use in place of the broker.",
    trust: { chooses: SECRETS_TO },
  },
  certFile: {
    variable: "TD_CERT_FILE",
    flag: "--cert-file",
    value: "file",
    kind: "path",
    secret: false,
    inProfile: true,
    otherwise: "one is made and kept",
    help: "A TLS certificate of your own for an https callback, a PEM file.",
    trust: KEY_FILES,
  },
  keyFile: {
    variable: "TD_KEY_FILE",
    flag: "--key-file",
    value: "file",
    kind: "path",
    secret: false,
    inProfile: true,
    help: "The private key of that certificate, a PEM file.",
    trust: KEY_FILES,
  },
  profile: {
    variable: "TD_PROFILE",
    flag: "--profile",
    value: "name",
    kind: "name",
    secret: false,
    default: "default",
    inProfile: false,
    help: "Which of several sets of settings and tokens to use.",
    trust: "anywhere", // and said on stderr
  },
  configDir: {
    variable: "TD_CONFIG_DIR",
    flag: "--config-dir",
    value: "dir",
    kind: "path",
    secret: false,
    inProfile: false,
    otherwise: "the platform's directory",
    help: "The configuration directory.",
    trust: { chooses: "the configuration directory" },
  },
  storeTokens: {
    variable: "TD_STORE_TOKENS",
    kind: "boolean",
    secret: false,
    default: "True",
    inProfile: false,
    help:
      "Whether tokens are kept on disk; without, they stay in memory only, and each program needs a login of its own.",
    trust: "anywhere",
  },
  logLevel: {
    variable: "TD_LOG_LEVEL",
    kind: "choice",
    choices: LOG_LEVELS,
    synonyms: { warn: "warning" },
    secret: false,
    default: "info",
    inProfile: false,
    help: `The least important messages to show: ${LOG_LEVELS.join(", ")}.`,
    trust: "anywhere",
  },
} as const satisfies Record<string, SettingRow>;

/** The name of a setting, in calls. */
export type SettingName = keyof typeof SETTINGS;

/** Where a setting came from. */
export type Source =
  | "call"
  | "flag"
  | "environment"
  | ".env"
  | "config.json"
  | "default";

/** Where each setting came from. */
export type Sources = Readonly<Partial<Record<SettingName, Source>>>;

/** The names of all settings. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Each place that a key can come from; one that is missing does not compile. */
const SEAL_KEY_SOURCES = Object.keys(
  { keychain: 1, passphrase: 1, key: 1 } satisfies Record<SealKeySource, 1>,
) as readonly SealKeySource[];

/** The keys of a profile that no variable sets, beside those of the settings. */
export const PROFILE_ONLY = {
  seal: {
    choices: SEAL_KEY_SOURCES,
    help:
      "Where the key comes from that its tokens are sealed with; they are not sealed when absent.",
  },
} as const;

/** The row of a setting, with its optional fields. */
export function settingRow(name: SettingName): SettingRow {
  return SETTINGS[name];
}

function isLocal(url: string): boolean {
  // A backslash is a slash to browsers, and none to servers: the host would be another.
  return /^https?:\/\/[^\\]*$/i.test(url) && URL.canParse(url) &&
    isLoopback(new URL(url));
}
