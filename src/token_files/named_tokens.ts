import type { Tokens } from "../token/token.ts";
import { noteZone, parseDate } from "./dates.ts";
import {
  type Fields,
  formatLifetime,
  LATEST,
  notUsable,
  refuseOtherType,
  textField,
  tokenField,
} from "./fields.ts";
import type { Reading } from "./reading.ts";
import { tokensOf } from "./tokens_of.ts";

/** The names of each field, as clients and token endpoints write them. */
const NAMES = {
  accessToken: ["access_token", "token"],
  expiry: [
    ...["access_token_expires_at", "access_token_expiry", "access_expires_at"],
    ...["expires_at", "expiry", "expiry_date", "expires_on", "token_expiry"],
  ],
  lifetime: ["access_token_expires_in", "expires_in"],
  issued: ["access_token_issued_at", "access_token_issued", "created_at"],
  refreshExpiry: [
    ...["refresh_token_expires_at", "refresh_token_expiry"],
    "refresh_expires_at",
  ],
  refreshLifetime: ["refresh_token_expires_in", "refresh_expires_in"],
  refreshIssued: ["refresh_token_issued_at", "refresh_token_issued"],
  login: ["login_time"],
  apiOrigin: ["api_origin"],
  consumerKey: ["consumer_key", "client_id", "app_key"],
} as const;

/** Times before 1971, in seconds: what programs write for one that they do not know is 1970, or the year 1. */
const FIRST = 31_536_000;
/** From here on, in the year 5138, a number is of milliseconds. */
const MILLISECONDS = 100_000_000_000;

/**
 * Reads tokens that are known by the names of their fields alone. A time may be
 * in seconds or milliseconds since the epoch, or a date; what is not stated is
 * unknown, never 1970. An access token whose age is unknown is left out beside a
 * refresh token: it is shorter to refresh than to find out.
 *
 * @param fields The fields, in snake case.
 * @param reading What is known beside the file.
 * @returns The tokens.
 * @throws {TdauthError} `token_file_failed` when a field is wrong, or two contradict each other.
 */
export function readNamedTokens(fields: Fields, reading: Reading): Tokens {
  refuseOtherType(fields);
  const login = time(fields, NAMES.login, reading);
  const scope = textField(fields, "scope");
  const key = NAMES.consumerKey.map((name) => textField(fields, name))
    .find((name) => name !== undefined);
  reading.answer = fields;
  const apiOrigin = textField(fields, NAMES.apiOrigin[0]);
  const since = login ?? reading.loginTime;
  const refreshToken = tokenField(fields, "refresh_token");
  const access = readAccess(fields, since, reading, refreshToken === undefined);
  const refresh = refreshToken === undefined
    ? undefined
    : readRefresh(fields, since, reading);
  const tokens = tokensOf({
    refreshToken,
    refreshTime: refresh?.time ?? 0,
    refreshLifetime: refresh?.lifetime ?? 0,
    accessToken: access?.token,
    accessTime: access?.time ?? 0,
    accessLifetime: access?.lifetime ?? 0,
    loginTime: login,
    scope,
  }, reading.now);
  return {
    ...tokens,
    ...(key !== undefined && { consumerKey: key }),
    ...(apiOrigin !== undefined && { apiOrigin }),
  };
}

/**
 * Formats tokens with their expiries.
 *
 * @param tokens The tokens.
 * @returns The fields; a time that is unknown has none.
 */
export function namedTokenFields(
  { accessToken, refreshToken, loginTime, scope, apiOrigin }: Tokens,
): Record<string, string | number> {
  const alone = refreshToken.token === undefined;
  const lifetime = formatLifetime(accessToken.expiresIn);
  return {
    ...(accessToken.token !== undefined && {
      access_token: accessToken.token,
      // Beside a refresh token programs want a number; alone none means no end.
      ...(!(alone && accessToken.expiresIn === Infinity) && {
        expires_in: lifetime,
        expires_at: Math.floor(accessToken.accessTime) + lifetime,
      }),
    }),
    token_type: "Bearer",
    ...(scope !== undefined && { scope }),
    ...(apiOrigin !== undefined && { api_origin: apiOrigin }),
    ...(!alone && { refresh_token: String(refreshToken) }),
    ...(!alone && Number.isFinite(refreshToken.expiry) && {
      refresh_token_expires_in: Math.floor(refreshToken.expiresIn),
      refresh_token_expires_at: Math.floor(refreshToken.accessTime) +
        Math.floor(refreshToken.expiresIn),
    }),
    ...(loginTime !== undefined && { login_time: Math.floor(loginTime) }),
  };
}

/** A time and how long from it, in seconds. */
interface Life {
  readonly time: number;
  readonly lifetime: number;
}

function readAccess(
  fields: Fields,
  login: number | undefined,
  reading: Reading,
  alone: boolean,
): Life & { readonly token: string } | undefined {
  const name = NAMES.accessToken.find((one) => fields[one] !== undefined);
  const token = name && tokenField(fields, name);
  if (token === undefined) return undefined;
  const expiry = time(fields, NAMES.expiry, reading);
  const lifetime = seconds(fields, NAMES.lifetime);
  const issued = time(fields, NAMES.issued, reading);
  if (expiry !== undefined) {
    return { token, ...lifeUntil(expiry, lifetime, issued, reading) };
  }
  // It is not older than the login.
  const since = issued ?? login;
  if (since !== undefined && lifetime !== undefined && lifetime > 0) {
    return { token, time: since, lifetime };
  }
  if (alone) {
    const limited = lifetime !== undefined && lifetime > 0;
    if (!limited) {
      reading.note(
        "nothing says when the access token ends: it is used until it is refused",
      );
    }
    return {
      token,
      time: since ?? reading.assumeIssuedNow(),
      lifetime: limited ? lifetime : Infinity,
    };
  }
  reading.note(
    "nothing says how old the access token is: the first call gets a new one",
  );
  return undefined;
}

function readRefresh(
  fields: Fields,
  login: number | undefined,
  reading: Reading,
): Life {
  const expiry = time(fields, NAMES.refreshExpiry, reading);
  // 0 means at Keycloak that it does not expire.
  const lifetime = seconds(fields, NAMES.refreshLifetime);
  const issued = time(fields, NAMES.refreshIssued, reading) ?? login;
  if (expiry !== undefined) {
    if (issued !== undefined && issued > expiry) {
      throw notUsable("its refresh token expires before it was issued");
    }
    return lifeUntil(expiry, lifetime, issued, reading);
  }
  return {
    time: issued ?? reading.assumeIssuedNow(),
    lifetime: lifetime === undefined || lifetime === 0 ? Infinity : lifetime,
  };
}

/** The life of a token whose end is known. */
function lifeUntil(
  expiry: number,
  lifetime: number | undefined,
  issued: number | undefined,
  { seconds: now }: Reading,
): Life {
  const stated = lifetime === undefined ? undefined : expiry - lifetime;
  const start = stated !== undefined && stated >= FIRST
    ? stated
    : Math.min(issued ?? now, expiry);
  return { time: start, lifetime: expiry - start };
}

/** Reads a time that has one of some names. */
function time(
  fields: Fields,
  names: readonly string[],
  reading: Reading,
): number | undefined {
  return one(names, (name) => {
    const value = fields[name];
    if (value === undefined) return undefined;
    const number = numberOf(value);
    const date = typeof value === "string"
      ? parseDate(value.trim())
      : undefined;
    if (date !== undefined && date.seconds >= FIRST) {
      noteZone(date, name, reading);
    }
    const found = number === undefined
      ? date?.seconds
      : number < MILLISECONDS
      ? number
      : number / 1000;
    if (found === undefined || !(found <= LATEST)) {
      throw notUsable(`"${name}" is not a time`);
    }
    return found < FIRST ? undefined : Math.floor(found);
  });
}

/** Reads a lifetime in seconds that has one of some names. */
function seconds(fields: Fields, names: readonly string[]): number | undefined {
  return one(names, (name) => {
    const value = fields[name];
    if (value === undefined) return undefined;
    const number = numberOf(value);
    if (number === undefined || number < 0) {
      throw notUsable(`"${name}" is not a number of seconds`);
    }
    return formatLifetime(number);
  });
}

/** What the one of some names says that says anything. */
function one(
  names: readonly string[],
  read: (name: string) => number | undefined,
): number | undefined {
  let found: { name: string; value: number } | undefined;
  for (const name of names) {
    const value = read(name);
    if (value === undefined) continue;
    found ??= { name, value };
    if (Math.abs(found.value - value) > 1) {
      throw notUsable(`"${found.name}" and "${name}" contradict each other`);
    }
  }
  return found?.value;
}

/** A number, which a secrets manager writes as text. */
function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,17}(\.\d+)?$/.test(value)
    ? Number(value)
    : value;
  return typeof number === "number" && Number.isFinite(number)
    ? number
    : undefined;
}
