/** A client that says what it was told to and takes whatever comes back, for a bounded time. */
import { close, connect, send, type Target } from "../login/raw_http.ts";
import type { Conversation } from "./hostile_requests.ts";

/** How long a conversation may take, in milliseconds. */
const DEADLINE = 5000;
/** How long to wait for more when everything has been sent, in milliseconds, on top of what the server takes to answer another client. */
const QUIET = 60;

/** What came back: everything, and the status lines in it. */
export interface Answer {
  readonly text: string;
  readonly statuses: readonly number[];
}

/** Has a conversation; a connection that the server cuts is an answer, too. */
export async function converse(
  target: Target,
  conversation: Conversation,
): Promise<Answer> {
  let text = "";
  const all = conversation.requests.join("");
  const sent = all.slice(0, Math.ceil(all.length * conversation.part));
  const connection = await connect(target).catch(() => undefined);
  if (connection === undefined) return { text, statuses: [] };
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const deadline = setTimeout(() => close(connection), DEADLINE);
  try {
    const writing = (async () => {
      for (const piece of split(sent, conversation.splits)) {
        await writeBytes(connection, piece);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      if (conversation.halfClose) await connection.closeWrite();
      if (conversation.deaf) close(connection);
    })().catch(() => {});
    const buffer = new Uint8Array(65_536);
    const waitForMore = () => {
      clearTimeout(quiet);
      quiet = setTimeout(async () => {
        const before = text.length;
        await send(target, "/favicon.ico").catch(() => {});
        if (text.length === before) close(connection);
      }, QUIET);
    };
    writing.then(waitForMore);
    for (;;) {
      const read = await connection.read(buffer);
      if (read === null) break;
      text += String.fromCharCode(...buffer.subarray(0, read));
      if (quiet !== undefined) waitForMore();
    }
    await writing;
  } catch {
    // closed, by either side
  } finally {
    clearTimeout(deadline);
    clearTimeout(quiet);
    close(connection);
  }
  const statuses = [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)]
    .map(([, status]) => Number(status));
  return { text, statuses };
}

function split(text: string, places: readonly number[]): string[] {
  const ends = [...places, 1].map((place) => Math.floor(place * text.length))
    .sort((a, b) => a - b);
  let start = 0;
  return ends.map((end) => text.slice(start, start = end))
    .filter((piece) => piece !== "");
}

async function writeBytes(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  for (let sent = 0; sent < bytes.length;) {
    sent += await connection.write(bytes.subarray(sent));
  }
}
