/**
 * Quotes a string as one word of a POSIX shell, for a command that the user
 * copies: always in quotes, so that no character in it is special.
 *
 * @param text Any string, such as a path.
 * @returns The word.
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
