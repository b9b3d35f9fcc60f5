// deno-lint-ignore no-control-regex -- these are what it is about
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * Sanitizes a text for a terminal: it cannot move the cursor or do anything else.
 * Tabs and line ends stay.
 *
 * @param text The text.
 * @returns The text, each control character replaced.
 */
export function shown(text: string): string {
  return text.replace(CONTROLS, "\ufffd");
}
