/** Control characters but for tabs and line ends, and what changes the order in which a terminal shows others (UAX #9). */
const CONTROLS =
  // deno-lint-ignore no-control-regex -- these are what it is about
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Sanitizes a text for a terminal: it cannot move the cursor, reorder what is
 * shown or do anything else. Tabs and line ends stay.
 *
 * @param text The text.
 * @returns The text, each control character replaced.
 */
export function shown(text: string): string {
  return text.replace(CONTROLS, "\ufffd");
}

/**
 * Escapes in JSON what {@linkcode shown} would replace: they are in texts only,
 * and the value stays the same.
 *
 * @param json The JSON.
 * @returns The same value, fit for a terminal.
 */
export function shownJson(json: string): string {
  return json.replace(
    CONTROLS,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
