/** Tokens as a broker issues them, for tests of hooks. */
import {
  AccessToken,
  noTokens,
  RefreshToken,
  type Tokens,
} from "../../src/token/token.ts";

export const HOUR = 3600;
export const DAY = 86_400;
/** When the tests' logins take place, in seconds since the epoch. */
export const START = 1_800_000_000;

/** A clock that tests move, in seconds since the epoch. */
export interface Clock {
  seconds: number;
}

/** What a login is like. */
export interface LoginOptions {
  /** When it took place. @default {START} */
  readonly login?: number | undefined;
  /** How long it lasts; 0 for an access token alone. @default {7 days} */
  readonly life?: number;
  /** When the access token was issued. @default {at the login} */
  readonly access?: number;
  /** How long that lives. @default {30 minutes} */
  readonly accessLife?: number;
  /** Whether the file says when the login was. @default {true} */
  readonly known?: boolean;
  /** Whether the broker has rejected the refresh token. @default {false} */
  readonly refused?: boolean;
}

/** The tokens of a login, as seen by a clock. */
export function loggedIn(clock: Clock, options: LoginOptions = {}): Tokens {
  const { login = START, life = 7 * DAY, accessLife = 1800 } = options;
  const { access = login, known = true, refused = false } = options;
  const now = () => clock.seconds * 1000;
  return {
    accessToken: new AccessToken({
      token: `CANARY-ACCESS-${access}`,
      accessTime: access,
      expiresIn: accessLife,
    }, now),
    refreshToken: life === 0 ? new RefreshToken() : new RefreshToken({
      token: `CANARY-REFRESH-${login}`,
      accessTime: login,
      expiresIn: life,
    }, now),
    ...(known && { loginTime: login }),
    ...(refused && {
      refreshRefused: { time: clock.seconds, reason: "invalid_grant" },
    }),
  };
}

/** What an empty cache holds. */
export function loggedOut(): Tokens {
  return noTokens();
}
