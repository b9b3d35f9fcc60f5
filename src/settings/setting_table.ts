import { isLoopback } from "../loopback.ts";

/**
 * Where a setting may come from. `.env` lies in the working directory, which
 * may be a stranger's: it chooses no place, no endpoint, no program and no file
 * of secrets. A row without a `trust` does not compile.
 */
export type Trust = "anywhere" | NotFromDotenv;

/** Why a setting is refused in `.env`. */
export interface NotFromDotenv {
  /** What it would choose there, as the error says it. */
  readonly chooses: string;
  /** Values that are harmless there all the same. @default {none} */
  readonly harmless?: {
    /** What they are. */
    readonly what: string;
    /** Whether a value is one of them. */
    readonly is: (value: string) => boolean;
  };
}

/** What a setting's text is; a path is made absolute, as a relative one would name another place in every folder. */
export type SettingKind = "text" | "url" | "path" | "boolean" | "level";

/** One setting. */
export interface SettingRow {
  /** Its environment variable. */
  readonly variable: string;
  /** Its flag; a secret has none, for arguments are seen by every user of the machine. */
  readonly flag?: `--${string}`;
  /** Which commands take the flag: all, or also those that only say which app it is. @default {all where it is not in the profile, else those that describe the app} */
  readonly flagOf?: "program" | "appKey";
  /** What the flag's help calls its value: `<dir>`. @default {what the kind is called} */
  readonly value?: string;
  /** What it is made of. */
  readonly kind: SettingKind;
  /** Whether it is never shown, logged or given as an argument. */
  readonly secret: boolean;
  /** Whether `config.json` holds it; else it is needed to find that file or is a matter of the moment. */
  readonly inProfile: boolean;
  /** What it is, for the manual. */
  readonly help: string;
  /** Where it may come from. */
  readonly trust: Trust;
}

const KEY_FILES = { chooses: "which files hold certificates and private keys" };
const SECRETS_TO = "where secrets are sent";

/** Every setting. */
export const SETTINGS = {
  profile: {
    variable: "TD_PROFILE",
    flag: "--profile",
    value: "name",
    kind: "text",
    secret: false,
    inProfile: false,
    help: "Which settings and tokens to use; default if none is named.",
    trust: "anywhere", // and said on stderr
  },
  configDir: {
    variable: "TD_CONFIG_DIR",
    flag: "--config-dir",
    value: "dir",
    kind: "path",
    secret: false,
    inProfile: false,
    help: "The directory of the settings and tokens.",
    trust: { chooses: "where settings and tokens are" },
  },
  storeTokens: {
    variable: "TD_STORE_TOKENS",
    kind: "boolean",
    secret: false,
    inProfile: false,
    help:
      "False keeps tokens in memory alone; each program then needs a login of its own.",
    trust: "anywhere",
  },
  logLevel: {
    variable: "TD_LOG_LEVEL",
    kind: "level",
    secret: false,
    inProfile: false,
    help: "debug, info, warning or error.",
    trust: "anywhere",
  },
  provider: {
    variable: "TD_PROVIDER",
    flag: "--provider",
    flagOf: "program",
    value: "name|issuer",
    kind: "text",
    secret: false,
    inProfile: true,
    help: "schwab, tdameritrade or an issuer's URL.",
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
    help: "The app's key, its OAuth client id.",
    trust: "anywhere",
  },
  consumerSecret: {
    variable: "TD_CONSUMER_SECRET",
    kind: "text",
    secret: true,
    inProfile: true,
    help:
      "The app's secret. No flag takes it: every user of the machine can see a program's arguments.",
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
    help: "The callback URL as registered, letter for letter.",
    trust: {
      chooses: SECRETS_TO,
      harmless: { what: "a URL of this machine", is: isLocal },
    },
  },
  scope: {
    variable: "TD_SCOPE",
    flag: "--scope",
    value: "scope",
    kind: "text",
    secret: false,
    inProfile: true,
    help: "The scope to ask for.",
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
    help: "A TLS certificate of your own for an https callback.",
    trust: KEY_FILES,
  },
  keyFile: {
    variable: "TD_KEY_FILE",
    flag: "--key-file",
    value: "file",
    kind: "path",
    secret: false,
    inProfile: true,
    help: "Its private key.",
    trust: KEY_FILES,
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

/** A variable that no call, flag or file sets. */
export type EnvironmentRow = Pick<SettingRow, "help"> & {
  readonly trust: NotFromDotenv;
};

const SEALS = { chooses: "what tokens are sealed with" };

/** The variables that the environment alone may set. */
export const OF_THE_ENVIRONMENT: Readonly<Record<string, EnvironmentRow>> = {
  TD_CACHE_PASSPHRASE: {
    help: "What sealed tokens are opened with, so that you are not asked.",
    trust: SEALS,
  },
  TD_CACHE_KEY: {
    help:
      "The key of tokens that are sealed by key: 32 bytes in Base64, and old keys after it.",
    trust: SEALS,
  },
};

/**
 * What the manual says of a variable: what it is, and what `.env` may say of it.
 *
 * @param row The setting or variable.
 */
export function helpText(
  { help, trust }: Pick<SettingRow, "help" | "trust">,
): string {
  if (trust === "anywhere") return help;
  const { harmless } = trust;
  return `${help} ${
    harmless === undefined
      ? "Not from .env."
      : `From .env only ${harmless.what}.`
  }`;
}

/** The row of a setting, with its optional fields. */
export function settingRow(name: SettingName): SettingRow {
  return SETTINGS[name];
}

function isLocal(url: string): boolean {
  // A backslash is a slash to browsers, and none to servers: the host would be another.
  return /^https?:\/\/[^\\]*$/i.test(url) && URL.canParse(url) &&
    isLoopback(new URL(url));
}
