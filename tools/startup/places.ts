/** The places in which the daily commands are run: settings, tokens, and the environment. */
import { AccessToken, formatTokens, RefreshToken } from "../../mod.ts";
import { rawKey } from "../../src/seal/raw_key.ts";
import { SealCodec } from "../../src/seal/seal_codec.ts";

/** The access token in every place. */
export const TOKEN = "ACCESS".repeat(12);

/** What a place holds. */
interface Content {
  /** The profile `default`. @default {no config.json} */
  readonly profile?: Readonly<Record<string, string>>;
  /** The name of the token file. */
  readonly tokenFile: string;
  /** Its text. */
  readonly tokens: string;
  /** The lines of `.env` in the working directory. @default {no such file} */
  readonly dotenv?: readonly string[];
  /** Variables. */
  readonly env?: Readonly<Record<string, string>>;
}

const APP = {
  consumerKey: "STARTUP",
  consumerSecret: "S",
  callbackUrl: "https://127.0.0.1:8182",
};
const PROFILE = { ...APP, provider: "schwab" };
/** The app as variables. */
const VARIABLES = {
  TD_CONSUMER_KEY: APP.consumerKey,
  TD_CONSUMER_SECRET: APP.consumerSecret,
  TD_CALLBACK_URL: APP.callbackUrl,
};
const PYTD_KEY = "STARTUP@AMER.OAUTHAP";
const now = Math.floor(Date.now() / 1000) - 10;
const OWN = {
  tokenFile: APP.consumerKey,
  tokens: formatTokens({
    accessToken: new AccessToken({ token: TOKEN, expiresIn: 86_400 }),
    refreshToken: new RefreshToken({ token: "REFRESH", expiresIn: 604_800 }),
    provider: "schwab",
    consumerKey: APP.consumerKey,
  }),
};
const KEY = btoa("k".repeat(32));

/** Every place, by what it is about. */
export const PLACES = {
  profile: { ...OWN, profile: PROFILE },
  environment: { ...OWN, env: VARIABLES },
  dotenv: {
    ...OWN,
    dotenv: Object.entries(VARIABLES).map(([name, value]) =>
      `${name}=${value}`
    ),
  },
  json: { ...OWN, profile: PROFILE, env: { TD_JSON: "1" } },
  provider: { ...OWN, profile: PROFILE, env: { TD_PROVIDER: "schwab" } },
  "store tokens": {
    ...OWN,
    profile: PROFILE,
    env: { TD_STORE_TOKENS: "true" },
  },
  pytd: {
    profile: { consumerKey: PYTD_KEY, callbackUrl: APP.callbackUrl },
    tokenFile: PYTD_KEY,
    tokens: JSON.stringify({
      refresh_token: { token: "R", access_time: now, expires_in: 7_776_000 },
      access_token: { token: TOKEN, access_time: now, expires_in: 1800 },
    }),
  },
  sealed: {
    ...OWN,
    profile: { ...PROFILE, seal: "key" },
    tokens: await new SealCodec(rawKey(KEY), OWN.tokenFile)
      .seal(OWN.tokens, () => Promise.resolve("")),
    env: { TD_CACHE_KEY: KEY },
  },
} satisfies Readonly<Record<string, Content>>;

/** The name of a place. */
export type PlaceName = keyof typeof PLACES;

/** A place on the disk. */
export interface Place {
  /** Its working directory. */
  readonly cwd: string;
  /** All variables for a program in it, beside those of the runtime. */
  readonly env: Readonly<Record<string, string>>;
}

/** The variables of the real environment that programs need to run. */
const NEEDED = ["PATH", "TMPDIR", "TEMP", "SystemRoot"];

/**
 * Makes a place.
 *
 * @param name Which one.
 * @param directory An empty directory.
 * @returns The place.
 */
export function makePlace(name: PlaceName, directory: string): Place {
  const content: Content = PLACES[name];
  const settings = `${directory}/settings`;
  const cwd = `${directory}/work`;
  Deno.mkdirSync(settings, { mode: 0o700 });
  Deno.mkdirSync(cwd);
  const write = (path: string, text: string) =>
    Deno.writeTextFileSync(path, text, { mode: 0o600 });
  write(`${settings}/${content.tokenFile}`, content.tokens);
  if (content.profile !== undefined) {
    const config = { profiles: { default: content.profile } };
    write(`${settings}/config.json`, JSON.stringify(config));
  }
  if (content.dotenv !== undefined) {
    write(`${cwd}/.env`, content.dotenv.join("\n"));
  }
  const kept = NEEDED.flatMap((variable) => {
    const value = Deno.env.get(variable);
    return value === undefined ? [] : [[variable, value] as const];
  });
  return {
    cwd,
    env: {
      ...Object.fromEntries(kept),
      HOME: directory,
      DENO_NO_UPDATE_CHECK: "1",
      NO_COLOR: "1",
      TD_CONFIG_DIR: settings,
      ...content.env,
    },
  };
}
