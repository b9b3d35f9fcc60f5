import type { IncomingMessage } from "node:http";

/** A complete request. */
export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The URL's query as it was sent, without the question mark. */
  readonly search: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A response, or a dropped connection. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A listening server. */
export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Far above what any client of a token endpoint sends. */
const MAX_BODY = 64 * 1024;

/**
 * Listens on 127.0.0.1. It is `node:http` because `Deno.serve` cannot drop a
 * connection without a response: a failing body sends the status line first.
 *
 * @throws {Deno.errors.AddrInUse} when another program has the port.
 */
export async function serveHttp(
  port: number,
  handle: (request: HttpRequest) => Promise<HttpAnswer | "cut">,
): Promise<HttpServer> {
  const { createServer } = await import("node:http");
  const server = createServer(async (incoming, outgoing) => {
    const body = await readBody(incoming).catch(() => undefined);
    const answer = body === undefined
      ? tooLong
      : await handle(toRequest(incoming, body)).catch(() => failed);
    if (answer === "cut") return incoming.socket.destroy();
    // One request per connection: a client's pool never reuses one that just timed out.
    outgoing.writeHead(answer.status, {
      ...answer.headers,
      connection: "close",
    });
    outgoing.end(incoming.method === "HEAD" ? undefined : answer.body);
  });
  const bound = await new Promise<number>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Deno.errors.AddrInUse(
            `Cannot start the practice broker: port ${port} on 127.0.0.1 is in use`,
            { cause: error },
          )
          : error,
      ));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? address?.port ?? port : port);
    });
  });
  let closed: Promise<void> | undefined;
  return {
    port: bound,
    close: () =>
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        // Idle, preconnected and stuck clients would keep close() waiting.
        server.closeAllConnections();
      }),
  };
}

const text = { "content-type": "text/plain; charset=utf-8" };
const tooLong: HttpAnswer = {
  status: 413,
  headers: text,
  body: "Content Too Large",
};
const failed: HttpAnswer = {
  status: 500,
  headers: text,
  body: "Internal Server Error",
};

async function readBody(
  incoming: IncomingMessage,
): Promise<string | undefined> {
  const { headers } = incoming;
  // Deno 2.4 waits forever for the end of a missing body.
  if (!("content-length" in headers || "transfer-encoding" in headers)) {
    return "";
  }
  const decoder = new TextDecoder();
  let body = "";
  let length = 0;
  // Still read to the end: a client that is sending would miss the response.
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length <= MAX_BODY) body += decoder.decode(chunk, { stream: true });
  }
  return length > MAX_BODY ? undefined : body + decoder.decode();
}

function toRequest(incoming: IncomingMessage, body: string): HttpRequest {
  const target = incoming.url ?? "/";
  const mark = target.indexOf("?");
  const search = mark < 0 ? "" : target.slice(mark + 1);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, [value].flat().join(", "));
  }
  return {
    method: incoming.method ?? "GET",
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(search),
    search,
    headers,
    body,
  };
}
