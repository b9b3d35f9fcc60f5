/** Breaks a text at spaces; a word that is too long stays whole, and colors take no room. */
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

/** A command of another program, which users copy: a line end would cut it in two. */
const COPIED =
  /\b(sudo|chmod|chown|rm|mv|kill|ssh|export|unset|certutil|deno|curl) [^ ]/;
/** A command of tdauth in a sentence, however it is called. */
const OWN =
  /\b(?:tdauth|npx -y deno@\S+ (?:task cli|run -A \S+)|deno run -A \S+)(?: [\w-]+)+/g;

/**
 * Wraps sentences that a terminal would break in the middle of a word. Indented
 * lines and an unfinished last line are left unchanged. A hint keeps its commands
 * whole, so that they can be copied.
 *
 * @param text What is written.
 * @param columns The terminal's width; 0 when unknown.
 * @returns The wrapped text.
 */
export function wrapLines(text: string, columns: number): string {
  if (columns < 20) return text;
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  return [...lines.map((line) => wrapLine(line, columns)), last].join("\n");
}

function wrapLine(line: string, columns: number): string {
  const plain = bare(line);
  if (plain.length < columns || plain.startsWith("  ")) return line;
  if (!plain.startsWith("hint:")) {
    return wrapWords(line, columns - 1).join("\n");
  }
  if (COPIED.test(plain.replace(OWN, ""))) return line;
  const glued = line.replace(OWN, (command) => command.replaceAll(" ", "\0"));
  return wrapWords(glued, columns - 1).join("\n").replaceAll("\0", " ");
}

/**
 * Returns the first of several texts that fits a line, or the last.
 *
 * @param texts What may be shown, the best first.
 * @param columns The terminal's width; 0 when unknown.
 */
export function fitting(texts: readonly string[], columns: number): string {
  const fits = texts.find((text) => columns === 0 || visible(text) < columns);
  return fits ?? texts.at(-1) ?? "";
}

/** How many columns a text takes. */
function visible(text: string): number {
  return bare(text).length;
}

function bare(text: string): string {
  // deno-lint-ignore no-control-regex -- what a terminal does not show
  return text.replace(/\x1b\[[0-9;]*[A-Za-z]|\r/g, "");
}
