import {
  expiresAt,
  formatLifetime,
  isObject,
  lifetimeField,
  notUsable,
  objectField,
  refuseOtherType,
  textField,
  timeField,
  tokenField,
} from "./fields.ts";
import {
  ACCESS_LIFETIME,
  REFRESH_LIFETIME,
  SCOPE,
} from "./schwab_lifetimes.ts";
import { isSchwab, isTda } from "./tda_api.ts";
import type { JsonFormat } from "./token_file_format.ts";
import { tokensOf } from "./tokens_of.ts";

/** schwab-py's file, which schwab-go writes without `id_token`, and schwab_rb with `timestamp`. */
export const schwabPy: JsonFormat = {
  name: "schwab-py",
  kind: "json",
  broker: "schwab",
  about: {
    programs: "schwab-py, schwab-go, schwab_rb",
    file: "JSON with `token`",
    lifetime: "7 days from `creation_timestamp` (schwab_rb: `timestamp`)",
  },
  knownBy: '"token" with Schwab\'s scope or "id_token"',
  matches: (file) =>
    isObject(file["token"]) &&
    ("creation_timestamp" in file || "timestamp" in file) &&
    (isSchwab(file["token"]) || !isTda(file["token"])),
  read: (file, { now }) => {
    const token = objectField(file, "token");
    refuseOtherType(token);
    const login = timeField(file, "creation_timestamp") ??
      timeField(file, "timestamp");
    if (login === undefined) {
      throw notUsable(
        '"creation_timestamp", the time of the login, is missing',
      );
    }
    const expiresIn = lifetimeField(token, "expires_in") ?? ACCESS_LIFETIME;
    const expiresAt = timeField(token, "expires_at");
    return tokensOf({
      refreshToken: tokenField(token, "refresh_token"),
      refreshTime: login,
      refreshLifetime: REFRESH_LIFETIME,
      accessToken: tokenField(token, "access_token"),
      // An access token without its age is at most as old as the login.
      accessTime: expiresAt === undefined
        ? login
        : Math.max(0, expiresAt - expiresIn),
      accessLifetime: expiresIn,
      loginTime: login,
      scope: textField(token, "scope"),
    }, now);
  },
  write: ({ accessToken, refreshToken, scope }) => ({
    creation_timestamp: Math.floor(refreshToken.accessTime),
    token: {
      expires_in: accessToken.token === undefined
        ? ACCESS_LIFETIME
        : formatLifetime(accessToken.expiresIn),
      token_type: "Bearer",
      scope: scope ?? SCOPE,
      refresh_token: String(refreshToken),
      access_token: String(accessToken),
      id_token: "", // tdauth stores none; the program writes it and never reads it
      expires_at: expiresAt(accessToken, refreshToken),
    },
  }),
};
