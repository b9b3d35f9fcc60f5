/**
 * Says a moment in the user's own time: `Monday, 30 November 2026, 14:05`.
 *
 * @param seconds Seconds since the epoch.
 * @returns The words.
 */
export function formatWhen(seconds: number): string {
  return new Intl.DateTimeFormat("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  }).format(new Date(seconds * 1000)).replace(" at ", ", ");
}
