import { transient } from "../client/retry.ts";
import type { Tokens } from "../token/token.ts";

/** How often, in seconds, each profile is looked at, for timers stand still while the machine sleeps. */
export const LOOK_EVERY = 37;
/** How much of its life an access token has left when it is refreshed ahead, as a part of it. */
const PART_LEFT = 0.2;
/** The same in seconds, at least. */
const LEAST_LEFT = 120;
/** The same for a token that lives no four minutes: more than passes between two looks. */
const BARELY_LEFT = 45;
/** By how much of that each refresh differs, so that many accounts are not refreshed at once. */
const SPREAD = 0.1;
/** How long, in seconds, to wait after the first failure; it doubles with each. */
const FIRST_WAIT = 40;
/** How long to wait at most, in seconds. */
const LONGEST_WAIT = 300;
/** How long a broker's `Retry-After` is respected, in seconds: a mistaken one must not end the refreshes. */
const LONGEST_ASKED = 3600;

/**
 * Finds when an access token is to be refreshed ahead: with 20 % of its life left
 * and at least two minutes, or half of a life that is shorter than four. It is
 * never sooner than one look after it was issued, and a token that does not live
 * that long is left to those who ask for one: no look would find it valid.
 *
 * @param tokens The tokens.
 * @param random A number from 0 to 1.
 * @returns Seconds since the epoch; 0 for at once, `Infinity` for never.
 */
export function refreshTime(
  { accessToken, refreshToken }: Tokens,
  random: number,
): number {
  if (!refreshToken.valid) return Infinity; // a login is needed
  const { token, expiresIn, accessTime, expiry, valid } = accessToken;
  if (token === undefined) return 0;
  if (!Number.isFinite(expiresIn) || expiresIn <= LOOK_EVERY) return Infinity;
  if (!valid) return 0;
  const least = Math.min(LEAST_LEFT, Math.max(expiresIn / 2, BARELY_LEFT));
  const left = Math.max(expiresIn * PART_LEFT, least) *
    (1 - SPREAD + 2 * SPREAD * random);
  return Math.max(expiry - left, accessTime + LOOK_EVERY);
}

/**
 * Finds how long to wait after a failed refresh.
 *
 * @param failures How many have failed in a row, this one included.
 * @param error The last error, which may say how long the broker wants to be left alone.
 * @returns Seconds.
 */
export function waitAfter(failures: number, error: unknown): number {
  const own = Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT);
  const asked = transient(error)?.retryAfter ?? 0;
  return Math.max(own, Math.min(asked, LONGEST_ASKED));
}
