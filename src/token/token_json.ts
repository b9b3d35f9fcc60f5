import { PendingLogin } from "./pending_login.ts";
import {
  AccessToken,
  RefreshToken,
  type TokenData,
  type Tokens,
} from "./token.ts";
import { LATEST, LONGEST_LIFETIME } from "./held_token.ts";
import { sealNotExpected } from "./sealed_text.ts";
import {
  corrupt,
  isObject,
  keepUnknown,
  ownerOf,
  readTokenText,
  VERSION,
  writeTokenText,
} from "./token_text.ts";

/**
 * Reads tokens from JSON in tdauth's format, which is a superset of pyTD's: the
 * entries `access_token` and `refresh_token`, each `null` or an object with
 * `token`, `access_time` and `expires_in` (seconds), and tdauth's own `version`,
 * `provider`, `consumer_key`, `login_time`, `scope`, `api_origin`, `refresh_pending`,
 * `refresh_refused`, `refresh_doubt`, `client_authentication`, `identity` and `pending_login`.
 *
 * @param text The JSON; an empty string is an empty cache.
 * @param now The clock of the tokens, in milliseconds since the epoch. Default: `Date.now`.
 * @returns The tokens.
 * @throws {TdauthError} `cache_corrupt` when the text is something else,
 * `cache_sealed` when the tokens are sealed, `cache_unreadable` when a newer tdauth
 * wrote it. The message never quotes the text.
 *
 * @example
 * ```ts
 * import { parseTokens } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const tokens = parseTokens(`{
 *   "access_token": { "token": "A", "access_time": 1700000000, "expires_in": 1800 },
 *   "refresh_token": null
 * }`);
 * assert.equal(tokens.accessToken.token, "A");
 * assert.equal(tokens.refreshToken.token, undefined);
 * ```
 */
export function parseTokens(
  text: string,
  now: () => number = Date.now,
): Tokens {
  const file = readTokenText(text);
  const { scope, api_origin, sealed } = file;
  const loginTime = time(file["login_time"]);
  const refreshPending = time(file["refresh_pending"]);
  // Never treated as an empty cache, which a login would replace.
  if (typeof sealed === "string") throw sealNotExpected(sealed);
  const refused = refusal(file["refresh_refused"]);
  const doubted = doubt(file["refresh_doubt"]);
  const client = clientRecord(file["client_authentication"]);
  const pendingLogin = PendingLogin.from(file["pending_login"]);
  const claims = claimsOf(file["identity"], loginTime);
  return {
    accessToken: new AccessToken(entry(file, "access_token"), now),
    refreshToken: new RefreshToken(entry(file, "refresh_token"), now),
    ...(loginTime !== undefined && { loginTime }),
    ...(refreshPending !== undefined && { refreshPending }),
    ...(refused !== undefined && { refreshRefused: refused }),
    ...(doubted !== undefined && { refreshDoubt: doubted }),
    ...(client !== undefined && { client }),
    ...(claims !== undefined && { claims }),
    ...(pendingLogin !== undefined && { pendingLogin }),
    ...(typeof scope === "string" && { scope }),
    ...(typeof api_origin === "string" && { apiOrigin: api_origin }),
    ...ownerOf(file),
  };
}

/**
 * Writes tokens as JSON in tdauth's format, which pyTD can read too.
 *
 * @param tokens The tokens.
 * @param previous The text to replace; its keys that are unknown to tdauth are kept.
 * @returns The JSON.
 *
 * @example
 * ```ts
 * import { AccessToken, formatTokens, parseTokens, RefreshToken } from "@tdauth/tdauth";
 * import assert from "node:assert/strict";
 *
 * const text = formatTokens({
 *   accessToken: new AccessToken({ token: "A", accessTime: 1700000000, expiresIn: 1800 }),
 *   refreshToken: new RefreshToken(),
 * });
 * assert.equal(parseTokens(text).accessToken.expiry, 1700001800);
 * ```
 */
export function formatTokens(tokens: Tokens, previous = ""): string {
  const text = writeTokenText({
    refresh_token: formatEntry(tokens.refreshToken),
    access_token: formatEntry(tokens.accessToken),
    version: VERSION,
    provider: tokens.provider,
    consumer_key: tokens.consumerKey,
    login_time: tokens.loginTime,
    scope: tokens.scope,
    api_origin: tokens.apiOrigin,
    refresh_pending: tokens.refreshPending,
    refresh_refused: tokens.refreshRefused,
    refresh_doubt: tokens.refreshDoubt,
    client_authentication: tokens.client,
    pending_login: tokens.pendingLogin?.toFile(),
    identity: tokens.claims &&
      { login_time: tokens.loginTime ?? null, claims: tokens.claims },
  });
  return previous === "" ? text : keepUnknown(text, previous);
}

function entry(
  file: Record<string, unknown>,
  key: string,
): TokenData | undefined {
  const value = file[key];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw corrupt(`"${key}" is not an object`);
  const { token, access_time, expires_in } = value;
  if (token === undefined || token === null || token === "") return undefined;
  if (typeof token !== "string") {
    throw corrupt(`"${key}.token" is not a string`);
  }
  return {
    token,
    accessTime: Math.min(seconds(access_time, `${key}.access_time`), LATEST),
    // null: the broker does not state its lifetime
    expiresIn: expires_in === null
      ? Infinity
      : Math.min(seconds(expires_in, `${key}.expires_in`), LONGEST_LIFETIME),
  };
}

function seconds(value: unknown, key: string): number {
  if (typeof value !== "number" || !(value >= 0)) {
    throw corrupt(`"${key}" is not a number of seconds`);
  }
  return value;
}

/** A time in seconds since the epoch; one that no date has is the first or the last that one has. */
function time(value: unknown): number | undefined {
  return typeof value === "number"
    ? Math.min(Math.max(0, value), LATEST)
    : undefined;
}

/**
 * Reads when and why the broker rejected a refresh token.
 *
 * @param value The entry of a token file.
 * @returns What it says; nothing where it is something else.
 */
export function refusal(value: unknown): Tokens["refreshRefused"] {
  if (!isObject(value)) return undefined;
  const { reason, times } = value;
  const when = time(value["time"]);
  return when !== undefined && typeof reason === "string"
    ? { time: when, reason, ...(typeof times === "number" && { times }) }
    : undefined;
}

function doubt(value: unknown): Tokens["refreshDoubt"] {
  const first = refusal(value);
  if (first === undefined || !isObject(value)) return undefined;
  const { time: began, reason } = first;
  const last = time(value["last"]);
  return last === undefined ? undefined : { time: began, last, reason };
}

function clientRecord(value: unknown): Tokens["client"] {
  if (!isObject(value)) return undefined;
  const { settings, works, rejected } = value;
  if (typeof settings !== "string") return undefined;
  const rejection = refusal(rejected);
  const ways: unknown[] = isObject(rejected) && Array.isArray(rejected["ways"])
    ? rejected["ways"]
    : [];
  return {
    settings,
    ...(typeof works === "string" && { works }),
    ...(rejection !== undefined && {
      rejected: {
        ...rejection,
        ways: ways.filter((way) => typeof way === "string"),
      },
    }),
  };
}

/**
 * Reads who logged in, which holds for that login alone: an older tdauth keeps the
 * entry, which it does not know, when another user logs in.
 */
function claimsOf(value: unknown, loginTime: unknown): Tokens["claims"] {
  if (!isObject(value) || !isObject(value["claims"])) return undefined;
  if (value["login_time"] !== (loginTime ?? null)) return undefined;
  const { claims } = value;
  const { iss, sub } = claims;
  return typeof iss === "string" && typeof sub === "string"
    ? { ...claims, iss, sub }
    : undefined;
}

function formatEntry(token: AccessToken): Record<string, unknown> | null {
  if (token.token === undefined) return null;
  return {
    token: token.token,
    access_time: token.accessTime,
    expires_in: Number.isFinite(token.expiresIn) ? token.expiresIn : null,
  };
}
