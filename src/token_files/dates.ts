import { type Fields, LATEST, notUsable } from "./fields.ts";
import type { Reading } from "./reading.ts";

/** A date and time as it was written. */
export interface ParsedDate {
  /** The same in whole seconds since the epoch, in UTC where no zone is stated; may be negative. */
  readonly seconds: number;
  /** Whether its time zone is stated. */
  readonly zoned: boolean;
}

/**
 * Parses a date and time in the format of ISO 8601 that programs write: with a
 * `T` or a blank, with or without seconds, fractions and an offset.
 *
 * @param text The date.
 * @returns The time; `undefined` when it is none.
 */
export function parseDate(text: string): ParsedDate | undefined {
  const parts =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/
      .exec(text);
  if (parts === null) return undefined;
  const [, day = "", minutes = "", second = ":00", offset] = parts;
  const local = `${day}T${minutes}${second}Z`;
  const seconds = Date.parse(local) / 1000 - offsetSeconds(offset ?? "Z");
  // Date.parse() reads 30 February as 2 March in some forms: check the day.
  const same = Number.isFinite(seconds) && seconds <= LATEST &&
    new Date(local).toISOString().startsWith(day);
  return same ? { seconds, zoned: offset !== undefined } : undefined;
}

/** A field with a date since 1970, in whole seconds since the epoch; one without a time zone is UTC, which is noted. */
export function dateField(
  fields: Fields,
  key: string,
  reading: Reading,
): number {
  const value = fields[key];
  const date = typeof value === "string" ? parseDate(value) : undefined;
  if (date === undefined || date.seconds < 0) {
    throw notUsable(`"${key}" is not a date and time since 1970`);
  }
  noteZone(date, key, reading);
  return date.seconds;
}

/** Notes that a date without a time zone is read as UTC. */
export function noteZone(
  { zoned }: ParsedDate,
  key: string,
  reading: Reading,
): void {
  if (zoned) return;
  reading.note(`"${key}" has no time zone, and is read as UTC`);
}

function offsetSeconds(offset: string): number {
  if (offset === "Z") return 0;
  const sign = offset.startsWith("-") ? -1 : 1;
  return sign *
    (Number(offset.slice(1, 3)) * 3600 + Number(offset.slice(-2)) * 60);
}

/** Formats a time like Python's `isoformat()`, with microseconds and offset. */
export function formatDate(seconds: number): string {
  const text = new Date(Math.floor(seconds) * 1000).toISOString();
  return `${text.slice(0, 19)}.000000+00:00`;
}
