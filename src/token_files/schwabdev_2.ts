import type { Tokens } from "../token/token.ts";
import { dateField, formatDate } from "./dates.ts";
import {
  type Fields,
  formatLifetime,
  isObject,
  lifetimeField,
  objectField,
  refuseOtherType,
  textField,
  tokenField,
} from "./fields.ts";
import {
  ACCESS_LIFETIME,
  REFRESH_LIFETIME,
  SCOPE,
} from "./schwab_lifetimes.ts";
import type { Reading } from "./reading.ts";
import type { JsonFormat } from "./token_file_format.ts";
import { tokensOf } from "./tokens_of.ts";

/** The file of Schwabdev 2.3 to 2.5, `tokens.json`. */
export const schwabdev2: JsonFormat = {
  name: "schwabdev-2",
  kind: "json",
  broker: "schwab",
  about: {
    programs: "Schwabdev 2.3 to 2.5",
    file: "JSON with `token_dictionary`",
    lifetime: "7 days from `refresh_token_issued`",
  },
  knownBy: '"token_dictionary" and "refresh_token_issued"',
  matches: (file) =>
    isObject(file["token_dictionary"]) && "refresh_token_issued" in file,
  read: (file, reading) =>
    schwabdevTokens(file, objectField(file, "token_dictionary"), reading),
  write: (tokens) => {
    const { access_token_issued, refresh_token_issued, ...dictionary } =
      schwabdevFields(tokens);
    return {
      access_token_issued,
      refresh_token_issued,
      token_dictionary: dictionary,
    };
  },
};

/**
 * Converts the fields that both Schwabdevs have.
 *
 * @param times The object with the two dates.
 * @param token The object with the rest.
 * @param reading What is known beside the file.
 * @returns The tokens.
 */
export function schwabdevTokens(
  times: Fields,
  token: Fields,
  reading: Reading,
): Tokens {
  refuseOtherType(token);
  const login = dateField(times, "refresh_token_issued", reading);
  const accessToken = tokenField(token, "access_token");
  return tokensOf({
    refreshToken: tokenField(token, "refresh_token"),
    refreshTime: login,
    refreshLifetime: REFRESH_LIFETIME,
    accessToken,
    accessTime: accessToken === undefined
      ? 0
      : dateField(times, "access_token_issued", reading),
    accessLifetime: lifetimeField(token, "expires_in") ?? ACCESS_LIFETIME,
    loginTime: login,
    scope: textField(token, "scope"),
  }, reading.now);
}

/** The fields of both Schwabdevs, in the order of version 3's columns. */
export interface SchwabdevFields extends Record<string, string | number> {
  readonly access_token_issued: string;
  readonly refresh_token_issued: string;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
  readonly expires_in: number;
  readonly token_type: string;
  readonly scope: string;
}

/**
 * Converts tokens into the fields of both Schwabdevs.
 *
 * @param tokens The tokens.
 * @returns The fields.
 */
export function schwabdevFields(
  { accessToken, refreshToken, scope }: Tokens,
): SchwabdevFields {
  return {
    // Of an absent one Schwabdev should not wait for the end.
    access_token_issued: formatDate(
      accessToken.token === undefined
        ? Math.max(0, refreshToken.accessTime - ACCESS_LIFETIME)
        : accessToken.accessTime,
    ),
    refresh_token_issued: formatDate(refreshToken.accessTime),
    access_token: String(accessToken),
    refresh_token: String(refreshToken),
    id_token: "", // tdauth stores none, and Schwabdev never sends it
    expires_in: accessToken.token === undefined
      ? ACCESS_LIFETIME
      : formatLifetime(accessToken.expiresIn),
    token_type: "Bearer",
    scope: scope ?? SCOPE,
  };
}
