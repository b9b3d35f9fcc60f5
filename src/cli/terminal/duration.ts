import { TdauthError } from "../../base/errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

/** The longest timeout, in seconds: a year. */
const LONGEST_TIMEOUT = 52 * 604_800;

/**
 * Parses a duration such as `90s`, `5m`, `1h30m` or `5d`. A bare number is rejected: `--fail-within 24` would not mean what was meant.
 *
 * @param text The duration.
 * @param flag The flag it was given to, for the error.
 * @returns Seconds.
 * @throws {TdauthError} `invalid_options` when it is not one.
 */
export function parseDuration(text: string, flag: string): number {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${text}" for ${flag}: it has no unit`,
      {
        hint:
          `write it like ${flag} ${trimmed}d, ${trimmed}h, ${trimmed}m or ${trimmed}s`,
      },
    );
  }
  if (!/^(\d+(\.\d+)?[smhdw])+$/.test(trimmed)) {
    throw new TdauthError(
      "invalid_options",
      `Cannot use "${text}" for ${flag}: it is not a duration`,
      {
        hint: `write it like ${flag} 90s, 5m, 1h30m or 5d`,
      },
    );
  }
  let total = 0;
  for (
    const [, number, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)([smhdw])/g)
  ) {
    total += Number(number) * (UNITS[unit ?? ""] ?? 0);
  }
  return total;
}

/**
 * Parses a timeout, which is longer than zero and no longer than a year.
 *
 * @param text The duration, as for {@linkcode parseDuration}.
 * @param flag The flag it was given to, for the error.
 * @returns Seconds.
 * @throws {TdauthError} `invalid_options` when it is not one, or out of range.
 */
export function parseTimeout(text: string, flag: string): number {
  const seconds = parseDuration(text, flag);
  if (seconds > 0 && seconds <= LONGEST_TIMEOUT) return seconds;
  throw new TdauthError(
    "invalid_options",
    `Cannot use "${text}" for ${flag}: ${
      seconds > 0 ? "it is longer than a year" : "it must be longer than zero"
    }`,
    { hint: "use a duration from 1s to 52w" },
  );
}

/**
 * Formats a duration for a flag, in the largest unit without a fraction, up to days: `90s`, `5d`.
 *
 * @param seconds The duration.
 * @returns The text.
 */
export function writeDuration(seconds: number): string {
  const unit = ["d", "h", "m"].find((one) => seconds % (UNITS[one] ?? 1) === 0);
  return unit === undefined
    ? `${seconds}s`
    : `${seconds / (UNITS[unit] ?? 1)}${unit}`;
}

/**
 * Formats a duration in one or two units, rounded: `6 days 23 hours`, `30 minutes`.
 *
 * @param seconds The duration; infinite where it is unknown.
 * @returns The words.
 */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return "an unknown time";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return count(whole, "second");
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return count(minutes, "minute");
  if (minutes < 24 * 60) return two(minutes, 60, "hour", "minute");
  return two(Math.round(minutes / 60), 24, "day", "hour");
}

/** A number of small units as large ones and the rest. */
function two(
  small: number,
  perLarge: number,
  large: string,
  name: string,
): string {
  const rest = small % perLarge;
  const first = count(Math.floor(small / perLarge), large);
  return rest === 0 ? first : `${first} ${count(rest, name)}`;
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? "" : "s"}`;
}
