/** A token response has a few hundred bytes, metadata a few thousand; anything longer is something else. */
const LONGEST_ANSWER = 1_048_576;

/**
 * Reads a message that may be endless.
 *
 * @param message The response or request.
 * @param longest How long it may be, in bytes.
 * @returns Its text; `undefined` when it is longer.
 */
export async function limitedText(
  message: Pick<Response, "body">,
  longest: number = LONGEST_ANSWER,
): Promise<string | undefined> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of message.body ?? []) {
    length += part.length;
    if (length > longest) return undefined;
    parts.push(part);
  }
  return await new Blob(parts).text();
}
