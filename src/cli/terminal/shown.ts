// deno-lint-ignore no-control-regex -- these are what it is about
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/**
 * A text from elsewhere as it can be shown: it cannot move the cursor or do
 * anything else to a terminal. Tabs and the ends of lines stay.
 *
 * @param text The text.
 * @returns The text, each control character replaced.
 */
export function shown(text: string): string {
  return text.replace(CONTROLS, "\ufffd");
}
