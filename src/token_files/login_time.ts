import { TdauthError } from "../base/errors.ts";
import { parseDate } from "./dates.ts";
import { LATEST } from "./fields.ts";

/** From here on, in the year 5138, a number is of milliseconds. */
const MILLISECONDS = 100_000_000_000;
/** Before 1971, in seconds, no one has logged in. */
const FIRST = 31_536_000;

/** The time of a login as the user gave it. */
export interface GivenTime {
  /** Seconds since the epoch. */
  readonly seconds: number;
  /** Whether it was read in this machine's time zone. */
  readonly local: boolean;
}

/**
 * Parses the value of `--login-time`: `now`, a date and time, or seconds or
 * milliseconds since the epoch. A date without a time zone is in this machine's,
 * as a person reads it on the clock.
 *
 * @param text The value.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The time.
 * @throws {TdauthError} `invalid_options` when it is none.
 */
export function parseLoginTime(text: string, now: number): GivenTime {
  const trimmed = text.trim();
  if (trimmed === "now") {
    return { seconds: Math.floor(now / 1000), local: false };
  }
  const date = parseDate(trimmed);
  const number = /^\d{1,15}$/.test(trimmed) ? Number(trimmed) : undefined;
  const seconds = date === undefined
    ? number !== undefined && number >= MILLISECONDS
      ? Math.floor(number / 1000)
      : number
    : date.zoned
    ? date.seconds
    : inLocalZone(date.seconds);
  if (seconds !== undefined && seconds >= FIRST && seconds <= LATEST) {
    return { seconds, local: date?.zoned === false };
  }
  throw new TdauthError(
    "invalid_options",
    `Cannot use "${text}" for --login-time: it is not a date and time`,
    { hint: "use now, 2026-11-30T14:05, or seconds since the epoch" },
  );
}

/** The moment at which this machine's clock shows what a clock in UTC shows at another. */
function inLocalZone(seconds: number): number {
  const shown = new Date(seconds * 1000);
  return new Date(
    shown.getUTCFullYear(),
    shown.getUTCMonth(),
    shown.getUTCDate(),
    shown.getUTCHours(),
    shown.getUTCMinutes(),
    shown.getUTCSeconds(),
  ).getTime() / 1000;
}
