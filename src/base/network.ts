/** A token response has a few hundred bytes, metadata a few thousand; anything longer is something else. */
const LONGEST_ANSWER = 1_048_576;

/**
 * Reads a response that may be endless.
 *
 * @param response The response.
 * @returns Its text; `undefined` when it is larger than 1 MiB.
 */
export async function limitedText(
  response: Response,
): Promise<string | undefined> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > LONGEST_ANSWER) return undefined;
    parts.push(part);
  }
  return await new Blob(parts).text();
}
