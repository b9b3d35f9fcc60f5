import type { AccessToken, Tokens } from "../token/token.ts";
import {
  type Fields,
  formatLifetime,
  isObject,
  lifetimeField,
  notUsable,
  timeField,
  tokenField,
} from "./fields.ts";
import type { Reading } from "./reading.ts";
import type { JsonFormat } from "./token_file_format.ts";
import { tokensOf } from "./tokens_of.ts";

/** The keys of tdauth's own file that pyTD lacks. */
export const OWN_KEYS: readonly string[] = [
  "version",
  "provider",
  "consumer_key",
  "login_time",
];

/** pyTD's file: two entries, either of which may be `null`. */
export const pytd: JsonFormat = {
  name: "pytd",
  kind: "json",
  // pyTD supports no other, but its users may have put another's tokens there.
  usualBroker: "tdameritrade",
  accessAlone: true,
  about: {
    programs: "pyTD",
    file: "JSON with two entries",
    lifetime: "as in the file",
  },
  knownBy: '"refresh_token" and "access_token" as objects',
  matches: (file) => hasEntries(file) && !OWN_KEYS.some((key) => key in file),
  read: readEntries,
  write: ({ accessToken, refreshToken }) => ({
    refresh_token: formatEntry(refreshToken),
    access_token: formatEntry(accessToken),
  }),
};

/** Whether both entries are there, as pyTD and tdauth write them. */
export function hasEntries(file: Fields): boolean {
  return ["refresh_token", "access_token"].every((key) =>
    file[key] === null || isObject(file[key])
  );
}

/** Reads the two entries that pyTD and tdauth share. */
export function readEntries(file: Fields, { now }: Reading): Tokens {
  const refresh = entry(file, "refresh_token");
  const access = entry(file, "access_token");
  return tokensOf({
    refreshToken: refresh?.token,
    refreshTime: refresh?.time ?? 0,
    refreshLifetime: refresh?.lifetime ?? 0,
    accessToken: access?.token,
    accessTime: access?.time ?? 0,
    accessLifetime: access?.lifetime ?? 0,
  }, now);
}

function entry(
  file: Fields,
  key: string,
): { token: string; time: number; lifetime: number } | undefined {
  const value = file[key];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw notUsable(`"${key}" is not an object`);
  const token = tokenField(value, "token");
  if (token === undefined) return undefined;
  const time = timeField(value, "access_time");
  if (time === undefined) throw notUsable('"access_time" is missing');
  // null means to tdauth that the expiry is unknown
  const lifetime = value["expires_in"] === null
    ? Infinity
    : lifetimeField(value, "expires_in");
  if (lifetime === undefined) throw notUsable('"expires_in" is missing');
  return { token, time, lifetime };
}

function formatEntry(token: AccessToken): Fields | null {
  return token.token === undefined ? null : {
    token: token.token,
    access_time: Math.floor(token.accessTime),
    expires_in: formatLifetime(token.expiresIn),
  };
}
