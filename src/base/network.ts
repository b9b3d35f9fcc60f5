/** A token answer has a few hundred bytes, metadata a few thousand; what is longer is something else. */
const LONGEST_ANSWER = 1_048_576;

/**
 * Reads an answer that may have no end.
 *
 * @param response The answer.
 * @returns Its text; `undefined` when it is over 1 MiB long.
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

/**
 * Why there was no answer, in a few words; the runtime's own message holds the URL and more.
 *
 * @param error What `fetch` threw.
 * @returns The words.
 */
export function networkReason(error: unknown): string {
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return "it did not answer in time";
  }
  const message = error instanceof Error
    ? `${error.message} ${error.cause ?? ""}`
    : "";
  if (/certificate|tls|ssl/i.test(message)) {
    return "its TLS certificate is not trusted on this machine";
  }
  if (/dns|lookup|resolve/i.test(message)) {
    return "its name could not be looked up: is the network up?";
  }
  if (/refused/i.test(message)) return "it refused the connection";
  return "the connection failed or was cut";
}
