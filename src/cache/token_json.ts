import { TdauthError } from "../errors.ts";
import {
  parseSealed,
  sealDamaged,
  SEALED_PREFIX,
  sealNotExpected,
} from "../seal/sealed_text.ts";
import {
  AccessToken,
  RefreshToken,
  SealedToken,
  type TokenData,
  type Tokens,
} from "../token.ts";

/** The version of the format that is written. */
const VERSION = 1;
/** What is written beside the two entries. */
const OWN_KEYS = [
  "version",
  "provider",
  "consumer_key",
  "login_time",
  "scope",
  "refresh_pending",
  "refresh_refused",
  "sealed",
];
/** No token lives longer, in seconds: ten years. What says so is damaged or nonsense. */
const LONGEST = 315_576_000;

/**
 * Reads tokens from JSON in tdauth's format, which is a superset of pyTD's: the
 * entries `access_token` and `refresh_token`, each `null` or an object with
 * `token`, `access_time` and `expires_in` (seconds), and tdauth's own `version`,
 * `provider`, `consumer_key`, `login_time`, `scope`, `refresh_pending` and
 * `refresh_refused`.
 *
 * @param text The JSON; an empty text is an empty cache.
 * @param now The clock of the tokens, in milliseconds since the epoch. Default: `Date.now`.
 * @returns The tokens.
 * @throws {TdauthError} `cache_corrupt` when the text is something else. The
 * message never quotes the text.
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
  const file = parseTokenFile(text);
  const { login_time, scope, provider, consumer_key, refresh_pending } = file;
  const named = {
    ...(typeof provider === "string" && { provider }),
    ...(typeof consumer_key === "string" && { consumerKey: consumer_key }),
  };
  const { sealed } = file;
  if (typeof sealed === "string") {
    parseSealed(sealed);
    return { ...sealedTokens(sealed), ...named };
  }
  const refused = refusal(file["refresh_refused"]);
  return {
    accessToken: new AccessToken(entry(file, "access_token"), now),
    refreshToken: new RefreshToken(entry(file, "refresh_token"), now),
    ...(typeof login_time === "number" && { loginTime: login_time }),
    ...(typeof refresh_pending === "number" &&
      { refreshPending: refresh_pending }),
    ...(refused !== undefined && { refreshRefused: refused }),
    ...(typeof scope === "string" && { scope }),
    ...named,
  };
}

/**
 * Tokens that are sealed, as the cache that holds them sees them.
 *
 * @param sealed The sealed text.
 * @param tokens The tokens in it, where known: their times and whose they are is no secret.
 * @returns Tokens that cannot be read without the key.
 */
export function sealedTokens(sealed: string, tokens?: Tokens): Tokens {
  const refuse = () => {
    throw sealNotExpected(sealed);
  };
  const { provider, consumerKey, journalOnly, refreshPending } = tokens ?? {};
  return {
    accessToken: new SealedToken(tokens?.accessToken, refuse),
    refreshToken: new SealedToken(tokens?.refreshToken, refuse),
    ...(provider !== undefined && { provider }),
    ...(consumerKey !== undefined && { consumerKey }),
    // The cache beneath cannot see it, and must not take old tokens for new ones.
    ...((journalOnly || refreshPending !== undefined) && { journalOnly: true }),
    sealed,
  };
}

/**
 * Writes tokens as JSON in tdauth's format, which pyTD can read too.
 *
 * @param tokens The tokens.
 * @param previous The text that is replaced; keys of it that tdauth does not know are kept, unless the tokens are sealed.
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
  const { accessToken, refreshToken, sealed } = tokens;
  // A token beside a seal would be lost.
  if (
    sealed !== undefined &&
    !(accessToken instanceof SealedToken && refreshToken instanceof SealedToken)
  ) throw sealNotExpected(sealed);
  const { refresh_token: _, access_token: __, ...unknown } = parseTokenFile(
    previous,
  );
  for (const key of OWN_KEYS) delete unknown[key];
  // Another program's keys, such as an id_token, must not stay in clear beside a seal.
  const kept = sealed === undefined ? unknown : {};
  const file = {
    ...(sealed === undefined && {
      refresh_token: formatEntry(refreshToken),
      access_token: formatEntry(accessToken),
    }),
    ...kept,
    version: VERSION,
    sealed,
    provider: tokens.provider,
    consumer_key: tokens.consumerKey,
    login_time: tokens.loginTime,
    scope: tokens.scope,
    refresh_pending: tokens.refreshPending,
    refresh_refused: tokens.refreshRefused,
  };
  try {
    return JSON.stringify(file, undefined, 1) + "\n";
  } catch {
    throw corrupt("it is nested too deeply");
  }
}

function parseTokenFile(text: string): Record<string, unknown> {
  // A byte order mark is what Windows editors leave behind.
  const json = text.charCodeAt(0) === 0xfeff
    ? text.slice(1).trim()
    : text.trim();
  if (json === "") return {};
  const file = parseObject(json);
  // Such a file has all there is to lose: it is neither set aside nor taken for an empty one.
  if (hasSeal(json) && !isWholeSeal(file)) throw sealDamaged();
  if (!isObject(file)) throw corrupt("it is not a JSON object");
  if (typeof file["version"] === "number" && file["version"] > VERSION) {
    throw new TdauthError(
      "cache_unreadable",
      `Cannot read the stored tokens: they are in format ${
        file["version"]
      }, which a newer tdauth wrote`,
      { hint: "update tdauth" },
    );
  }
  return file;
}

/** The value of a JSON text; `undefined` where a seal makes a text that is none precious. */
function parseObject(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    if (hasSeal(json)) return undefined;
    throw corrupt("it is not JSON"); // the parser's own message quotes the text
  }
}

/** By its name or by its value: a changed bit spoils one of them alone. */
function hasSeal(json: string): boolean {
  return json.includes(SEALED_PREFIX) || json.includes('"sealed"');
}

function isWholeSeal(file: unknown): boolean {
  return isObject(file) && typeof file["sealed"] === "string" &&
    file["version"] === VERSION;
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
  if (typeof token !== "string") throw corrupt(`"${key}.token" is not a text`);
  return {
    token,
    accessTime: seconds(access_time, `${key}.access_time`),
    // null: the broker does not say how long it lives
    expiresIn: expires_in === null
      ? Infinity
      : Math.min(seconds(expires_in, `${key}.expires_in`), LONGEST),
  };
}

function seconds(value: unknown, key: string): number {
  if (typeof value !== "number" || !(value >= 0)) {
    throw corrupt(`"${key}" is not a number of seconds`);
  }
  return value;
}

function refusal(value: unknown): Tokens["refreshRefused"] {
  if (!isObject(value)) return undefined;
  const { time, reason } = value;
  return typeof time === "number" && typeof reason === "string"
    ? { time, reason }
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function corrupt(why: string): TdauthError {
  return new TdauthError(
    "cache_corrupt",
    `Cannot understand the stored tokens: ${why}`,
  );
}
