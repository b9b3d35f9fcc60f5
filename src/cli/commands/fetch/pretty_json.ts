/**
 * Indents JSON and keeps every name, text and number verbatim: an account or order
 * number may exceed the runtime's numbers.
 *
 * @param text The JSON, which is valid.
 * @returns The same value in lines, without a newline at the end.
 */
export function prettyJson(text: string): string {
  let result = "";
  let depth = 0;
  const line = () => "\n" + "  ".repeat(depth);
  // Texts, empty brackets, single signs, and all that stands for itself.
  const parts = /"(?:[^"\\]|\\.)*"|\[\s*\]|\{\s*\}|[[\]{},:]|[^\s[\]{},:"]+/g;
  for (const [part] of text.matchAll(parts)) {
    switch (part) {
      case "{":
      case "[":
        depth++;
        result += part + line();
        break;
      case "}":
      case "]":
        depth--;
        result += line() + part;
        break;
      case ",":
        result += part + line();
        break;
      case ":":
        result += ": ";
        break;
      default:
        result += /^[[{]/.test(part) ? part.replace(/\s/g, "") : part;
    }
  }
  return result;
}
