/** Breaks a text at spaces; a word that is too long stays whole, and colours take no room. */
export function wrapWords(text: string, width: number): string[] {
  const lines: string[] = [];
  let room = 0;
  for (const word of text.split(" ").filter((word) => word !== "")) {
    const length = visible(word);
    if (lines.length === 0 || length + 1 > room) {
      lines.push(word);
      room = width - length;
    } else {
      lines[lines.length - 1] += ` ${word}`;
      room -= length + 1;
    }
  }
  return lines;
}

/**
 * Breaks the sentences of a text that a terminal would break in the middle of a
 * word. Lines that are indented are drawn as they are, and so are hints: what they
 * say is there to be copied.
 *
 * @param text What is written.
 * @param columns The terminal's width; 0 when nobody knows.
 * @returns The text with more line ends.
 */
export function wrapLines(text: string, columns: number): string {
  if (columns < 20) return text;
  return text.split("\n").map((line) =>
    visible(line) < columns || /^\s{2}|hint:/.test(line)
      ? line
      : wrapWords(line, columns - 1).join("\n")
  ).join("\n");
}

/** How many columns a text takes. */
function visible(text: string): number {
  // deno-lint-ignore no-control-regex -- what a terminal does not show
  return text.replace(/\x1b\[[0-9;]*[A-Za-z]|\r/g, "").length;
}

/** The width of the terminal; 0 when nobody knows. */
export function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}
