/**
 * Sends a request to a program that listens at a Unix socket.
 *
 * @param socket The socket's path.
 * @param path The path and query.
 * @param init As for the global `fetch`.
 * @returns The status and the text; no more than 64 KiB of it.
 * @throws {Error} When nothing listens there, or the script may not connect.
 */
export async function unixFetch(
  socket: string,
  path: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly text: string }> {
  using client = Deno.createHttpClient({
    proxy: { transport: "unix", path: socket },
  });
  const response = await fetch(`http://localhost${path}`, {
    ...init,
    redirect: "manual",
    client,
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST) break; // which cancels the rest
  }
  return { status: response.status, text };
}

/** How much of an answer is read, in characters. */
const MOST = 65_536;
