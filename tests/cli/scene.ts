/** What lies on a made-up machine when a daily command is called: settings, a token file, modes. */
import fc from "fast-check";

/** The clock of every scene, in milliseconds since the epoch. */
export const NOW = Date.UTC(2026, 10, 30, 12, 0, 0, 500);
/** The same in seconds. */
export const SECONDS = Math.floor(NOW / 1000);
/** Two keys of sealed tokens. */
export const KEY = btoa("k".repeat(32));
export const OTHER_KEY = btoa("o".repeat(32));

/** What a variable or a profile may hold. */
type Texts = Readonly<Record<string, unknown>>;

/** The forms of a token file. */
export const FILES = [
  ...["tdauth", "pyTD", "version 2", "byte order mark", "damaged", "foreign"],
  ...["sealed", "sealed, damaged", "pending", "refused", "empty", "absent"],
  ...["link", "no refresh token", "unknown lifetime", "other app"],
  ...["other provider"],
] as const;

/** A machine. */
export interface Scene {
  /** The command line. */
  readonly line: string;
  /** The profile in `config.json`; none when absent. */
  readonly profile: Texts;
  /** What `config.json` is. */
  readonly config: "whole" | "absent" | "damaged" | "with a wrong profile";
  /** The variables, without those that name the directory. */
  readonly env: Texts;
  /** How the configuration directory is named. */
  readonly named: "home" | "directory" | "slash" | "~" | "relative" | "wrong";
  /** The form of the token file. */
  readonly file: typeof FILES[number];
  /** Changes to its access token. */
  readonly token: Texts;
  /** Changes to its other entries. */
  readonly entries: Texts;
  /** The modes of the directory, the token file and `config.json`. */
  readonly modes: readonly [number, number, number];
}

/** The usual: a profile, a valid token. */
export const USUAL: Scene = {
  line: "token",
  profile: { consumerKey: "TESTKEY", provider: "schwab" },
  config: "whole",
  env: {},
  named: "directory",
  file: "tdauth",
  token: {},
  entries: {},
  modes: [0o700, 0o600, 0o600],
};

/** Mostly what is usual, sometimes one of the others. */
function mostly<T>(usual: T, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 30, arbitrary: fc.constant(usual) }, {
    weight: 1,
    arbitrary: fc.constantFrom(...others),
  });
}

const SANDBOX = "http://127.0.0.1:8080";
const app = {
  consumerKey: mostly<unknown>(
    ...["TESTKEY", "KEY@AMER.OAUTHAP", "a/b", "", " TESTKEY", 5, undefined],
    ...["TEST\u0007KEY", "con"],
  ),
  provider: mostly<unknown>(
    ...["schwab", "Schwab", "tdameritrade", undefined, "", 5, "acme"],
    ...["https://issuer.example", "http://issuer.example", " schwab"],
  ),
  consumerSecret: mostly<unknown>(undefined, "SECRET", "SEC\u0001RET", "", 5),
  callbackUrl: mostly<unknown>(
    ...[undefined, "https://127.0.0.1:8080", "nonsense", "x\u001b[31m", ""],
  ),
  scope: mostly<unknown>(undefined, "read", "a\nb", ""),
  sandbox: mostly<unknown>(undefined, SANDBOX, "http://example.com", "", "x"),
  certFile: mostly<unknown>(undefined, "cert.pem", "/etc/cert.pem", "~/c.pem"),
};
/** What settings say of a provider, mostly nothing. */
const ofProvider = fc.oneof({ weight: 40, arbitrary: fc.constant({}) }, {
  weight: 1,
  arbitrary: fc.record({
    authorizationEndpoint: fc.constantFrom<unknown>(
      undefined,
      "https://a.example/a",
      "",
    ),
    tokenEndpoint: fc.constantFrom<unknown>(
      ...[undefined, "https://a.example/t", "https://schwab/t", "x", ""],
    ),
    providerName: fc.constantFrom<unknown>(undefined, "Acme", ""),
    authorizationParameters: fc.constantFrom<unknown>(
      undefined,
      "a=b",
      "state=x",
      "a",
    ),
    pkce: fc.constantFrom<unknown>(undefined, "false", "maybe"),
  }),
});
const variables = {
  TD_PROFILE: mostly<unknown>(
    ...[undefined, "work", "../x", "__proto__", "", " work ", "wo\u0000rk"],
  ),
  TD_STORE_TOKENS: mostly<unknown>(undefined, "True", "False", "x", ""),
  TD_LOG_LEVEL: mostly<unknown>(undefined, "debug", "WARN", "x", ""),
  TD_JSON: mostly<unknown>(undefined, "1", "off", ""),
  TD_VERBOSE: mostly<unknown>(undefined, "1", "no"),
  TD_CACHE_KEY: fc.constantFrom<unknown>(
    ...[undefined, KEY, KEY, KEY, KEY, OTHER_KEY],
    ...[`${OTHER_KEY} ${KEY}`, "short", ""],
  ),
  TD_ACCESS_TOKEN: mostly<unknown>(undefined, "OTHER"),
  TD_NEW_SETTING: mostly<unknown>(undefined, "1"),
  NO_COLOR: mostly<unknown>(undefined, "1"),
};
const VARIABLES: Readonly<Record<string, string>> = {
  consumerKey: "TD_CONSUMER_KEY",
  provider: "TD_PROVIDER",
  consumerSecret: "TD_CONSUMER_SECRET",
  callbackUrl: "TD_CALLBACK_URL",
  scope: "TD_SCOPE",
  sandbox: "TD_SANDBOX",
  certFile: "TD_CERT_FILE",
  authorizationEndpoint: "TD_AUTHORIZATION_ENDPOINT",
  tokenEndpoint: "TD_TOKEN_ENDPOINT",
  providerName: "TD_PROVIDER_NAME",
  authorizationParameters: "TD_AUTHORIZATION_PARAMETERS",
  pkce: "TD_PKCE",
};

/** The app's settings where they are found: in the profile, in variables, in both. */
const settings = fc.tuple(
  fc.constantFrom("profile", "profile", "environment", "both"),
  fc.tuple(fc.record(app), ofProvider),
  fc.tuple(fc.record(app), ofProvider),
  fc.record(variables),
).map(([where, [profile, its], [other, others], variables]) => ({
  profile: where === "environment" ? {} : { ...profile, ...its },
  env: {
    ...variables,
    ...(where === "profile" ? {} : Object.fromEntries(
      Object.entries({ ...other, ...others }).map(([name, value]) => [
        VARIABLES[name],
        where === "both" && name !== "provider" ? value : value ?? undefined,
      ]),
    )),
  },
}));

/** Any machine. */
export const scenes: fc.Arbitrary<Scene> = fc.record({
  settings,
  line: fc.constantFrom(
    ...[
      "token",
      "token",
      "token",
      "token",
      "token",
      "token --json",
      "token --min-valid 5m",
    ],
    ...["header", "header --json", "status", "status --json"],
    ...[
      "status --fail-within 8d",
      "status --fail-within 6d",
      "--profile x token",
      "token --min-valid 0s",
    ],
    ...["--profile x status", "header --min-valid=29m", "status --verbose"],
    ...["--config-dir ./rel token", "token --min-valid 5", "token --sandbox x"],
  ),
  seal: mostly<unknown>(undefined, "key", "keychain", "none"),
  config: mostly<Scene["config"]>(
    ...["whole", "absent", "damaged", "with a wrong profile"] as const,
  ),
  named: mostly<Scene["named"]>(
    ...["directory", "home", "slash", "~", "relative", "wrong"] as const,
  ),
  file: fc.constantFrom(...FILES, "tdauth", "tdauth", "pyTD", "sealed"),
  age: mostly<unknown>(
    ...[60, -400, -10, 0, 1499, 1501, 1739, 1740, 1741, 1800, 4000, "now"],
    ...[3, 5, 53, 54, 55, 269, 270],
  ),
  expires_in: mostly<unknown>(
    ...[1800, 0, -1, 1e300, "1800", 315_576_001, 1799.5, 6, 60, 60, 300],
  ),
  token: mostly<unknown>("ACCESS", "", null, 5, 'with "quotes" and ключ'),
  entries: fc.record({
    version: mostly<unknown>(1, undefined, 2, "1", null, 0),
    provider: mostly<unknown>(
      ...["schwab", undefined, "tdameritrade", 5, "", null],
      ...["schwab@127.0.0.1:8080", "https://issuer.example"],
      ...["schwab@a.example", "acme@a.example", "a.example"],
    ),
    consumer_key: mostly<unknown>("same", undefined, "OTHER", 5, "", null),
    sealed: mostly<unknown>(undefined, "", null, 5, "tdauth-sealed:1:x"),
    note: mostly<unknown>(undefined, "sealed", { sealed: true }),
    login_time: mostly<unknown>(SECONDS - 60, undefined, "x", -1),
  }),
  modes: fc.tuple(
    mostly(0o700, 0o755, 0o777, 0o500),
    mostly(0o600, 0o644, 0o666, 0o400, 0o000),
    mostly(0o600, 0o644, 0o666),
  ),
}).map(({ settings, seal, age, expires_in, token, ...rest }) => ({
  ...rest,
  profile: { ...settings.profile, seal },
  env: rest.file.startsWith("sealed")
    ? settings.env
    : { ...settings.env, TD_CACHE_KEY: undefined },
  token: {
    token,
    access_time: typeof age === "number" ? SECONDS - age : age,
    expires_in,
  },
}));
