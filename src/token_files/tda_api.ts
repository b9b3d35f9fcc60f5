import type { Tokens } from "../token/token.ts";
import {
  expiresAt,
  type Fields,
  formatLifetime,
  isObject,
  lifetimeField,
  objectField,
  refuseOtherType,
  textField,
  timeField,
  tokenField,
} from "./fields.ts";
import type { Reading } from "./reading.ts";
import type { JsonFormat } from "./token_file_format.ts";
import { tokensOf } from "./tokens_of.ts";

/** TD Ameritrade's lifetimes, in seconds, where the file lacks them. */
const ACCESS_LIFETIME = 1800;
const REFRESH_LIFETIME = 7_776_000;
/** The one scope that TD Ameritrade granted. */
const SCOPE = "PlaceTrades AccountAccess MoveMoney";

/** tda-api's file: TD Ameritrade's response and the time of the login; in an older form only the response. */
export const tdaApi: JsonFormat = {
  name: "tda-api",
  kind: "json",
  broker: "tdameritrade",
  about: {
    programs: "tda-api",
    file: "JSON with `token`, or only that",
    lifetime:
      "`refresh_token_expires_in`, or 90 days, from `creation_timestamp`",
  },
  knownBy: '"token" with TD Ameritrade\'s scope or "refresh_token_expires_in"',
  matches: (file) => {
    const { token } = file;
    if (isObject(token)) return "creation_timestamp" in file && maybe(token);
    return isOlder(file);
  },
  read,
  write: ({ accessToken, refreshToken, scope }) => ({
    creation_timestamp: Math.floor(refreshToken.accessTime),
    token: {
      access_token: String(accessToken),
      refresh_token: String(refreshToken),
      scope: scope ?? SCOPE,
      expires_in: accessToken.token === undefined
        ? ACCESS_LIFETIME
        : formatLifetime(accessToken.expiresIn),
      ...(Number.isFinite(refreshToken.expiresIn) &&
        { refresh_token_expires_in: Math.floor(refreshToken.expiresIn) }),
      token_type: "Bearer",
      expires_at: expiresAt(accessToken, refreshToken),
    },
  }),
};

/** Whether a token response has what only TD Ameritrade's has. */
export function isTda(token: Fields): boolean {
  return "refresh_token_expires_in" in token || isTdaScope(token);
}

/** Whether a token response has what only Schwab's has. */
export function isSchwab(token: Fields): boolean {
  return "id_token" in token || token["scope"] === "api";
}

/**
 * Whether it is the older form. An answer of another provider may state the
 * lifetime of its refresh token, too: without a scope it may be either's.
 */
function isOlder(file: Fields): boolean {
  return typeof file["access_token"] === "string" &&
    typeof file["refresh_token"] === "string" && !isSchwab(file) &&
    !("refresh_token_expires_at" in file) &&
    (isTdaScope(file) || !file["scope"] && isTda(file));
}

/** Whether a token response has the scope that only TD Ameritrade granted. */
export function isTdaScope({ scope }: Fields): boolean {
  return typeof scope === "string" && /\bPlaceTrades\b/.test(scope);
}

/** Whether it may be TD Ameritrade's: it is, or it could be either's. */
function maybe(token: Fields): boolean {
  return isTda(token) || !isSchwab(token);
}

function read(file: Fields, reading: Reading): Tokens {
  const wrapped = "token" in file;
  const token = wrapped ? objectField(file, "token") : file;
  refuseOtherType(token);
  const expiresIn = lifetimeField(token, "expires_in") ?? ACCESS_LIFETIME;
  const expiresAt = timeField(token, "expires_at");
  const accessTime = expiresAt === undefined
    ? undefined
    : Math.max(0, expiresAt - expiresIn);
  const creation = timeField(file, "creation_timestamp") ?? reading.loginTime;
  // The older form lacks the time of the login, which was before the last access
  // token: the expiry is then an upper bound.
  const refreshTime = creation ?? accessTime;
  const ageless = (accessTime ?? creation) === undefined;
  return tokensOf({
    refreshToken: tokenField(token, "refresh_token"),
    refreshTime: refreshTime ?? reading.assumeIssuedNow(),
    refreshLifetime: refreshTime === undefined
      ? Infinity
      : lifetimeField(token, "refresh_token_expires_in") ?? REFRESH_LIFETIME,
    accessToken: ageless ? undefined : tokenField(token, "access_token"),
    // An access token without its age is at most as old as the login.
    accessTime: accessTime ?? creation ?? 0,
    accessLifetime: expiresIn,
    loginTime: creation,
    scope: textField(token, "scope"),
  }, reading.now);
}
