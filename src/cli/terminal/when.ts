/**
 * Formats a moment in the user's time zone: `Monday, 30 November 2026, 14:05`.
 *
 * @param seconds Seconds since the epoch.
 * @returns The words.
 */
export function formatWhen(seconds: number): string {
  const moment = new Date(seconds * 1000);
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", options).format(moment);
  // In parts: Deno versions join them differently.
  return [
    part({ weekday: "long" }),
    part({ day: "numeric", month: "long", year: "numeric" }),
    part({ hour: "2-digit", minute: "2-digit" }),
  ].join(", ");
}
