import { deno } from "../tools/deno.ts";
import { type BenchPlace, CLI, TOKEN } from "./place.ts";
import { outputOf, type Place } from "./program.ts";

/** A place whose name says how tdauth is set up in it. */
export interface DailyPlace extends Place {
  /** The file that holds the tokens. */
  readonly tokenFile: string;
  /** The same place without what its name says: no token is printed there, or the name is wrong. */
  readonly control: Place;
  /** Fails when a file in it is not what the name says. @default {nothing to check} */
  readonly check?: () => void;
}

/** The names of the places. */
export type PlaceName =
  | "profile"
  | "environment"
  | "dotenv"
  | "provider"
  | "storeTokens"
  | "pytd"
  | "sealed";

/** The settings of an app, as variables. */
const APP = {
  TD_CONSUMER_KEY: "BENCH",
  TD_CONSUMER_SECRET: "S",
  TD_CALLBACK_URL: "https://127.0.0.1:8182",
};

/** The settings of a user of pyTD, by the variables that it has. */
const PYTD_APP = {
  TD_CONSUMER_KEY: "BENCH@AMER.OAUTHAP",
  TD_CALLBACK_URL: "https://localhost:8080",
};

/**
 * Creates the other places beside a profile's.
 *
 * @param base The profile's.
 * @returns All of them; they go with the profile's.
 */
export function dailyPlaces(base: BenchPlace): Record<PlaceName, DailyPlace> {
  const { configDir, cwd, tokenFile } = base;
  const at = (
    configDir: string,
    variables: Readonly<Record<string, string>> = {},
    directory = cwd,
  ): Place => ({
    cwd: directory,
    env: { ...base.env, ...variables, TD_CONFIG_DIR: configDir },
  });
  // The tokens of the app, and no settings.
  const bare = directory(base, "bare");
  const bareFile = `${bare}/BENCH`;
  Deno.copyFileSync(tokenFile, bareFile);
  const dotenv = directory(base, "dotenv");
  Deno.writeTextFileSync(
    `${dotenv}/.env`,
    Object.entries(APP).map((pair) => `${pair.join("=")}\n`).join(""),
  );
  return {
    profile: { ...at(configDir), tokenFile, control: at(bare) },
    environment: {
      ...at(bare, APP),
      tokenFile: bareFile,
      control: at(bare),
    },
    dotenv: { ...at(bare, {}, dotenv), tokenFile: bareFile, control: at(bare) },
    provider: {
      ...at(configDir, { TD_PROVIDER: "schwab" }),
      tokenFile,
      control: at(configDir, { TD_PROVIDER: "tdameritrade" }),
    },
    storeTokens: {
      ...at(configDir, { TD_STORE_TOKENS: "True" }),
      tokenFile,
      control: at(configDir, { TD_STORE_TOKENS: "False" }),
    },
    pytd: pytd(base, at),
    sealed: sealed(base, at),
  };
}

type At = (
  configDir: string,
  variables?: Readonly<Record<string, string>>,
) => Place;

/** pyTD's own directory: its file, the user's variables, no settings of tdauth's. */
function pytd(base: BenchPlace, at: At): DailyPlace {
  const configDir = directory(base, "pytd");
  const tokenFile = `${configDir}/${PYTD_APP.TD_CONSUMER_KEY}`;
  const now = Math.floor(Date.now() / 1000);
  Deno.writeTextFileSync(
    tokenFile,
    `{"refresh_token": {"token": "REFRESH", "access_time": ${now}, "expires_in": 7776000}, ` +
      `"access_token": {"token": "${TOKEN}", "access_time": ${now}, "expires_in": 86400}}`,
    { mode: 0o644 },
  );
  return {
    ...at(configDir, PYTD_APP),
    tokenFile,
    control: at(directory(base, "pytd_empty"), PYTD_APP),
    check() {
      const keys = Object.keys(JSON.parse(Deno.readTextFileSync(tokenFile)));
      if (keys.join() !== "refresh_token,access_token") {
        throw new Error(`pyTD wrote no such file: it has ${keys.join(", ")}`);
      }
    },
  };
}

/** The profile again, with its tokens sealed by a key. */
function sealed(base: BenchPlace, at: At): DailyPlace {
  const configDir = directory(base, "sealed");
  const tokenFile = `${configDir}/BENCH`;
  for (const name of ["config.json", "BENCH"]) {
    Deno.copyFileSync(`${base.configDir}/${name}`, `${configDir}/${name}`);
  }
  const key = crypto.getRandomValues(new Uint8Array(32)).toBase64();
  const place = at(configDir, { TD_CACHE_KEY: key });
  outputOf(deno("run", "-A", CLI, "configure", "--seal", "key"), place);
  return {
    ...place,
    tokenFile,
    control: at(configDir),
    check() {
      const text = Deno.readTextFileSync(tokenFile);
      const { sealed } = JSON.parse(text);
      if (sealed === undefined || /ACCESS|REFRESH/.test(text)) {
        throw new Error("the tokens are not sealed");
      }
    },
  };
}

/** Makes a directory that only its owner can read. */
function directory(base: BenchPlace, name: string): string {
  const path = `${base.directory}/${name}`;
  Deno.mkdirSync(path, { mode: 0o700 });
  return path;
}
