import { LOG_LEVELS } from "../base/log.ts";
import { isLoopback } from "../base/loopback.ts";
import { assumedPreset, presetChoices } from "../providers/presets.ts";
import type { SealKeySource } from "../token/sealed_text.ts";
import { PROVIDER_SETTINGS, SECRETS_TO } from "./provider_settings.ts";
import type { SettingRow, Source } from "./setting_row.ts";

export type {
  NotFromDotenv,
  SettingKind,
  SettingRow,
  Source,
  Trust,
} from "./setting_row.ts";

const KEY_FILES = { chooses: "certificate and key files" };

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
    help: `The broker: ${
      presetChoices("an issuer's URL")
    }. With endpoints of its own any other word.`,
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
  consumerSecretFile: {
    variable: "TD_CONSUMER_SECRET_FILE",
    kind: "path",
    secret: false,
    inProfile: false,
    otherwise:
      "systemd's credential tdauth-consumer-secret, where the unit has one",
    help:
      "A file that holds the app's secret, such as a mounted one, in place of TD_CONSUMER_SECRET.",
    trust: { chooses: "a file of secrets" },
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
  ...PROVIDER_SETTINGS,
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
  tokenDir: {
    variable: "TD_TOKEN_DIR",
    kind: "path",
    secret: false,
    inProfile: false,
    otherwise: "the configuration directory",
    help:
      "The directory of the token files, where the configuration directory is read-only or shared.",
    trust: { chooses: "the directory of the tokens" },
  },
  keeper: {
    variable: "TD_KEEPER",
    flag: "--keeper",
    value: "where",
    kind: "keeper",
    secret: false,
    inProfile: true,
    otherwise: "tokens are kept here",
    help:
      "Where this profile's access tokens come from, so that no refresh token is here: ssh://user@host, or the path of a Unix socket of tdauth serve.",
    // Its tokens are those of an account: orders would be placed there.
    trust: { chooses: "whose tokens are used" },
  },
  remoteCommand: {
    variable: "TD_REMOTE_COMMAND",
    kind: "text",
    secret: false,
    default: "tdauth",
    inProfile: true,
    help:
      "How tdauth is called on the machine that ssh connects to, words separated by spaces, such as /home/me/.deno/bin/tdauth.",
    trust: { chooses: "a program to run on another machine" },
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
