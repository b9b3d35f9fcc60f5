import type { HintInput } from "../base/hint.ts";
import { TdauthError } from "../base/errors.ts";
import type { AccessToken, RefreshToken } from "../token/token.ts";

/** A JSON object of another program's file. */
export type Fields = Readonly<Record<string, unknown>>;

/** The longest lifetime of a token, in seconds: ten years, as in tdauth's own file. */
const LONGEST_LIFETIME = 315_576_000;
/** The end of the year 9999, in seconds: the last time that every program can write as a date. */
export const LATEST = 253_402_300_799;
/** The longest broker's token. */
const LONGEST_TOKEN = 16_384;

/**
 * The error of a file that cannot be used. It never quotes the file, which is
 * full of secrets.
 *
 * @param why What is wrong with it.
 * @param hint What to do next. @default {"use another file, or log in"}
 * @returns The error.
 */
export function notUsable(
  why: string,
  hint: HintInput = {
    text: "use another file, or log in:",
    command: ["login"],
  },
): TdauthError {
  return new TdauthError(
    "token_file_failed",
    `Cannot use the token file: ${why}`,
    { hint },
  );
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field that must be an object. */
export function objectField(fields: Fields, key: string): Fields {
  const value = fields[key];
  if (!isObject(value)) throw notUsable(`"${key}" is not an object`);
  return value;
}

/** A token; absent when the field is missing, `null` or empty. */
export function tokenField(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  if (value === undefined || value === null || value === "") return undefined;
  // It goes into a header: no whitespace, no control characters.
  if (
    typeof value !== "string" || value.length > LONGEST_TOKEN ||
    !/^[\x21-\x7e]+$/.test(value)
  ) throw notUsable(`"${key}" is not a token`);
  return value;
}

/** A string; absent when it is missing, empty or something else, because nothing depends on it. */
export function textField(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === "string" && /^[\x20-\x7e]{1,2000}$/.test(value)
    ? value
    : undefined;
}

/** A time in whole seconds since the epoch; absent when the field is missing or `null`. */
export function timeField(fields: Fields, key: string): number | undefined {
  const value = fields[key];
  if (value === undefined || value === null) return undefined;
  // Milliseconds, the usual mistake, would lie beyond the year 9999.
  if (typeof value !== "number" || !(value >= 0 && value <= LATEST)) {
    throw notUsable(`"${key}" is not a time in seconds since 1970`);
  }
  return Math.floor(value);
}

/** A lifetime in whole seconds, of ten years at most; absent when the field is missing or `null`. */
export function lifetimeField(fields: Fields, key: string): number | undefined {
  const value = fields[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !(value >= 0)) {
    throw notUsable(`"${key}" is not a number of seconds`);
  }
  return Math.min(Math.floor(value), LONGEST_LIFETIME);
}

/**
 * Returns a lifetime for other programs, in whole seconds. They accept only
 * numbers, and some read a missing one as "never expires": a token without a
 * known expiry gets the longest lifetime.
 *
 * @param seconds The lifetime; infinite when it is unknown.
 * @returns Ten years at most.
 */
export function formatLifetime(seconds: number): number {
  return Math.floor(Math.min(seconds, LONGEST_LIFETIME));
}

/**
 * The time at which the access token expires, for programs to which 0 means that
 * it never does; where there is none, it has expired by the login.
 *
 * @param accessToken The access token, which may be absent.
 * @param refreshToken The refresh token.
 * @returns Whole seconds since the epoch, at least 1.
 */
export function expiresAt(
  accessToken: AccessToken,
  refreshToken: RefreshToken,
): number {
  const expiry = accessToken.token === undefined
    ? Math.floor(refreshToken.accessTime)
    : Math.floor(accessToken.accessTime) +
      formatLifetime(accessToken.expiresIn);
  return Math.max(1, expiry);
}

/** tdauth sends every token as a bearer token, so it rejects files of any other kind. */
export function refuseOtherType(fields: Fields): void {
  const type = fields["token_type"];
  if (type === undefined || type === null || type === "") return;
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") {
    throw notUsable('"token_type" is not Bearer');
  }
}
