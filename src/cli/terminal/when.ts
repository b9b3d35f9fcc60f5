const DAYS = [
  ...["Sunday", "Monday", "Tuesday", "Wednesday"],
  ...["Thursday", "Friday", "Saturday"],
];
const MONTHS = [
  ...["January", "February", "March", "April", "May", "June", "July"],
  ...["August", "September", "October", "November", "December"],
];

/**
 * Formats a moment in the user's time zone: `Monday, 30 November 2026, 14:05`.
 * Without `Intl`, whose first use takes longer than the rest of `tdauth status`.
 *
 * @param seconds Seconds since the epoch.
 * @returns The words; `Invalid Date` for a number that is no date.
 */
export function formatWhen(seconds: number): string {
  const moment = new Date(seconds * 1000);
  if (Number.isNaN(moment.getTime())) return String(moment);
  const two = (number: number) => String(number).padStart(2, "0");
  return [
    DAYS[moment.getDay()],
    `${moment.getDate()} ${MONTHS[moment.getMonth()]} ${moment.getFullYear()}`,
    `${two(moment.getHours())}:${two(moment.getMinutes())}`,
  ].join(", ");
}
