/**
 * Decodes the text of a file or a pipe: UTF-8, or UTF-16 as Windows PowerShell 5
 * writes it with `>`. A byte order mark is dropped; without one UTF-16 is known
 * by the zero byte beside its first character.
 *
 * @param bytes The bytes.
 * @returns The text; `undefined` when they are no text in these encodings.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function encodingOf(bytes: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if ((first === 0) === (second === 0)) return "utf-8";
  return second === 0 ? "utf-16le" : "utf-16be";
}
