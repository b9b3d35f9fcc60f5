import type { NotFromDotenv, SettingRow } from "./setting_table.ts";
import { SETTING_NAMES, settingRow } from "./setting_table.ts";

/** A variable that is not a setting: only the environment sets it. */
export interface VariableRow {
  /** What it is, as one sentence; more sentences may follow. */
  readonly help: string;
  /** The equivalent flag. */
  readonly flag?: string;
  /** What happens where it is not set. */
  readonly otherwise?: string;
  /** Whether it is never shown, logged or handed to other programs. */
  readonly secret: boolean;
  /** What happens to a line in `.env`: it is an error, for what it would choose, or it is not read. */
  readonly trust: NotFromDotenv | "not read";
}

const SEALS = { chooses: "the key of sealed tokens" };

/** Every variable that is no setting. */
export const VARIABLES: Readonly<Record<string, VariableRow>> = {
  TD_CACHE_PASSPHRASE: {
    help:
      "The passphrase of sealed tokens, so that tdauth does not prompt for it.",
    otherwise: "asked for in a terminal",
    secret: true,
    trust: SEALS,
  },
  TD_CACHE_KEY: {
    help:
      "The key of tokens sealed with --seal key: 32 bytes in Base64, optionally followed by old keys.",
    secret: true,
    trust: SEALS,
  },
  TD_JSON: {
    help:
      "One JSON value on standard output, unless it is 0, false, no or off.",
    flag: "--json",
    secret: false,
    trust: "not read",
  },
  TD_VERBOSE: {
    help: "Shows the causes of errors, unless it is 0, false, no or off.",
    flag: "--verbose",
    secret: false,
    trust: "not read",
  },
  TD_ACCESS_TOKEN: {
    help: "Set by tdauth exec for its command.",
    secret: true,
    trust: "not read",
  },
  TD_ACCESS_TOKEN_EXPIRES_AT: {
    help:
      "Also set by tdauth exec: the token's expiry, in seconds since 1970, or empty when it is unknown.",
    secret: false,
    trust: "not read",
  },
  BROWSER: {
    help: "The command that opens the login page.",
    flag: "--browser",
    otherwise: "the system's",
    secret: false,
    trust: "not read",
  },
  NO_COLOR: {
    help: "Disables colors when set.",
    secret: false,
    trust: "not read",
  },
  XDG_CONFIG_HOME: {
    help: "The directory to use in place of ~/.config.",
    secret: false,
    trust: "not read",
  },
};

/** tdauth's own variables, those of settings first. */
export const OWN_VARIABLES: readonly string[] = [
  ...SETTING_NAMES.map((name) => settingRow(name).variable),
  ...Object.keys(VARIABLES).filter((variable) => variable.startsWith("TD_")),
];

/** The variables hidden from other programs. */
export const SECRET_VARIABLES: readonly string[] = [
  ...SETTING_NAMES.map(settingRow).filter(({ secret }) => secret)
    .map(({ variable }) => variable),
  ...Object.entries(VARIABLES).filter(([, { secret }]) => secret)
    .map(([variable]) => variable),
];

/**
 * What the manual says of a variable: what it is, what it is otherwise, and what
 * `.env` may say of it.
 *
 * @param row The setting or variable.
 */
export function helpText(row: SettingRow | VariableRow): string {
  const { help, trust, flag, secret } = row;
  const otherwise = "default" in row ? row.default : row.otherwise;
  return [
    help,
    ...(otherwise === undefined ? [] : [`Default: ${otherwise}.`]),
    ...("variable" in row && secret && flag === undefined
      ? [
        "No flag takes it: every user of the machine can see a program's arguments.",
      ]
      : []),
    ...(typeof trust === "string" ? [] : [
      "harmless" in trust && trust.harmless !== undefined
        ? `From .env only ${trust.harmless.what}.`
        : "Not from .env.",
    ]),
  ].join(" ");
}
