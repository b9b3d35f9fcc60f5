import { formatWhen } from "../../terminal/when.ts";

/**
 * Formats a moment in the user's time zone as short as it can be: `14:05` today,
 * else `7 December, 14:05`.
 *
 * @param seconds Seconds since the epoch.
 * @param now The present, in the same unit.
 * @returns The words.
 */
export function shortWhen(seconds: number, now: number): string {
  const [, date = "", time = ""] = formatWhen(seconds).split(", ");
  const [, today] = formatWhen(now).split(", ");
  return date === today ? time : `${date.replace(/ \d{4}$/, "")}, ${time}`;
}
