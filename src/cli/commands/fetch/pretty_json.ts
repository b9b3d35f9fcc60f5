/** The deepest level with lines of its own, so that indentation stays in proportion to the rest. */
const DEEPEST = 32;

/** Empty brackets, single signs, and all that stands for itself; texts are too long for an expression's stack. */
const PART = /\[\s*\]|\{\s*\}|[[\]{},:]|[^\s[\]{},:"]+|\s+/y;

/**
 * Indents JSON and keeps every name, text and number verbatim: an account or order
 * number may exceed the runtime's numbers. What lies deeper than 32 levels stays
 * in one line.
 *
 * @param text The JSON, which is valid.
 * @returns The same value in lines, without a newline at the end.
 */
export function prettyJson(text: string): string {
  let result = "";
  let depth = 0;
  const line = () => depth > DEEPEST ? "" : "\n" + "  ".repeat(depth);
  for (const part of partsOf(text)) {
    switch (part) {
      case "{":
      case "[":
        depth++;
        result += part + line();
        break;
      case "}":
      case "]": {
        const isFlat = depth > DEEPEST;
        depth--;
        result += (isFlat ? "" : line()) + part;
        break;
      }
      case ",":
        result += part + line();
        break;
      case ":":
        result += ": ";
        break;
      default:
        result += /^[[{]/.test(part) ? part.replace(/\s/g, "") : part.trim();
    }
  }
  return result;
}

function* partsOf(text: string): Iterable<string> {
  for (let at = 0; at < text.length;) {
    const start = at;
    if (text.startsWith('"', at)) at = afterText(text, at);
    else {
      PART.lastIndex = at;
      at += PART.exec(text)?.[0].length ?? text.length;
    }
    yield text.slice(start, at);
  }
}

/** Where a text of JSON ends: after a quote that is not escaped. */
function afterText(text: string, start: number): number {
  for (let end = start;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return text.length;
    let before = end;
    while (text[before - 1] === "\\") before--;
    if ((end - before) % 2 === 0) return end + 1;
  }
}
