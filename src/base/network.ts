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

/**
 * Returns in a few words why there was no response; the runtime's own message
 * contains the URL and more.
 *
 * @param error What `fetch` threw.
 * @returns The words.
 */
export function networkReason(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return "it timed out";
  }
  const message = error instanceof Error
    ? `${error.message} ${error.cause ?? ""}`
    : "";
  if (/certificate|tls|ssl/i.test(message)) {
    return "its TLS certificate is not trusted on this machine";
  }
  if (/dns|lookup|resolve/i.test(message)) {
    return "its name does not resolve: is the network up?";
  }
  if (/refused/i.test(message)) return "it refused the connection";
  return "the connection failed or was reset";
}
