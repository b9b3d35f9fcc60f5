/**
 * Writes a text as one word of a POSIX shell, for a command that the user copies:
 * always in quotes, so that nothing in it means anything.
 *
 * @param text Any text, such as a path.
 * @returns The word.
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
