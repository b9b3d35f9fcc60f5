/**
 * Reads the lines of a text that may be endless and have no line ends.
 *
 * @param chunks The text, in UTF-8.
 * @param longest How many characters of a line are kept; the rest of it is skipped.
 * @returns The lines, without their ends; the last one need not have one.
 */
export async function* boundedLines(
  chunks: AsyncIterable<Uint8Array>,
  longest: number,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let line = "";
  const add = (text: string) => {
    line += text.slice(0, longest - line.length);
  };
  for await (const chunk of chunks) {
    const [first = "", ...more] = decoder.decode(chunk, { stream: true })
      .split("\n");
    add(first);
    for (const next of more) {
      yield line.replace(/\r$/, "");
      line = "";
      add(next);
    }
  }
  add(decoder.decode());
  if (line !== "") yield line.replace(/\r$/, "");
}
