import { AccessToken, RefreshToken, type Tokens } from "../token/token.ts";
import { notUsable } from "./fields.ts";

/** The tokens of a file, with their metadata. Times and lifetimes are in seconds. */
export interface FileTokens {
  /** The refresh token. */
  readonly refreshToken: string | undefined;
  /** The start of its lifetime. */
  readonly refreshTime: number;
  /** Its lifetime. */
  readonly refreshLifetime: number;
  /** The access token. */
  readonly accessToken: string | undefined;
  /** When it was issued. */
  readonly accessTime: number;
  /** Its lifetime. */
  readonly accessLifetime: number;
  /** When the user logged in. */
  readonly loginTime?: number | undefined;
  /** The scope that was granted. */
  readonly scope?: string | undefined;
}

/**
 * Converts the content of a file into tokens.
 *
 * @param file The content.
 * @param now The tokens' clock, in milliseconds since the epoch.
 * @returns The tokens.
 * @throws {TdauthError} `token_file_failed` when there is none.
 */
export function tokensOf(file: FileTokens, now: () => number): Tokens {
  const { refreshToken, accessToken, loginTime, scope } = file;
  if (refreshToken === undefined && accessToken === undefined) {
    throw notUsable("it has no refresh token");
  }
  return {
    accessToken: accessToken === undefined
      ? new AccessToken(undefined, now)
      : new AccessToken({
        token: accessToken,
        accessTime: file.accessTime,
        expiresIn: file.accessLifetime,
      }, now),
    refreshToken: refreshToken === undefined
      ? new RefreshToken(undefined, now)
      : new RefreshToken({
        token: refreshToken,
        accessTime: file.refreshTime,
        expiresIn: file.refreshLifetime,
      }, now),
    ...(loginTime !== undefined && { loginTime }),
    ...(scope !== undefined && { scope }),
  };
}
