import { TdauthError } from "../errors.ts";

const UNITS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

/**
 * Reads a duration such as `90`, `90s`, `5m`, `1h30m` or `5d`.
 *
 * @param text The duration; a bare number is of seconds.
 * @param flag The flag it was given to, for the error.
 * @returns Seconds.
 * @throws {TdauthError} `invalid_options` when it is not one.
 */
export function parseDuration(text: string, flag: string): number {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed);
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
 * Says a duration in its two largest units: `6 days 23 hours`, `29 minutes`.
 *
 * @param seconds The duration.
 * @returns The words.
 */
export function formatDuration(seconds: number): string {
  const units: readonly (readonly [number, string])[] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  let rest = Math.floor(seconds);
  const first = units.findIndex(([size]) => rest >= size);
  if (first < 0) return "0 seconds";
  const words: string[] = [];
  // Seconds beside minutes would change under the reader's eyes and help nobody.
  for (const [size, name] of units.slice(first, first + (first >= 2 ? 1 : 2))) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${name}${count === 1 ? "" : "s"}`);
  }
  return words.join(" ");
}
