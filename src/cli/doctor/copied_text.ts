/** What is copied along from web pages and chats, and not seen: zero-width letters, soft hyphens, marks of direction, and spaces that do not look like it. */
const INVISIBLE = /[\p{Cf}\u00a0\u2000-\u200a\u202f\u205f\u3000\u3164\ufffc]/gu;
const QUOTED = /^(?:"[^]*"|'[^]*'|`[^]*`|\u201c[^]*\u201d|\u2018[^]*\u2019)$/;

/**
 * Finds what was copied into a text by mistake, without showing the text.
 *
 * @param text The text, which may be a secret.
 * @returns What it is, as a clause; `undefined` where there is nothing.
 */
export function copiedByMistake(text: string): string | undefined {
  const [invisible] = text.match(INVISIBLE) ?? [];
  if (invisible !== undefined) {
    return `contains an invisible character (${codeOf(invisible)})`;
  }
  return QUOTED.test(text) && text.length > 1
    ? "is in quotes, which are sent as part of it"
    : undefined;
}

/** A text with its invisible characters written out. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (one) => `<${codeOf(one)}>`);
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
