/** A client that sends exactly the bytes it is told to, as no browser does. */

/** Where to send them. */
export interface Target {
  readonly port: number;
  readonly hostname?: string;
  /** The certificate to trust; given, TLS is spoken. */
  readonly cert?: string;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** Connects, with the TLS handshake done where there is one. */
export async function connect(target: Target): Promise<Deno.Conn> {
  const { port, hostname = "127.0.0.1", cert } = target;
  if (cert === undefined) return await Deno.connect({ hostname, port });
  const connection = await Deno.connectTls({ hostname, port, caCerts: [cert] });
  await connection.handshake();
  return connection;
}

export async function write(
  connection: Deno.Conn,
  text: string,
): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) {
    sent += await connection.write(bytes.subarray(sent));
  }
}

/**
 * Reads one response, by its length: Deno 2.9 announces `connection: close` and
 * leaves the closing to the client.
 */
export async function readResponse(
  connection: Deno.Conn,
  method = "GET",
): Promise<RawResponse> {
  const buffer = new Uint8Array(16_384);
  let bytes = ""; // one character a byte, until the body is decoded
  for (;;) {
    const split = bytes.indexOf("\r\n\r\n");
    if (split !== -1) {
      const [start = "", ...lines] = bytes.slice(0, split).split("\r\n");
      const headers = new Headers(lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      }));
      const length = method === "HEAD"
        ? 0
        : Number(headers.get("content-length") ?? 0);
      const body = bytes.slice(split + 4);
      if (body.length >= length) {
        return {
          status: Number(start.split(" ")[1]),
          headers,
          body: new TextDecoder().decode(
            Uint8Array.from(body, (character) => character.charCodeAt(0)),
          ),
        };
      }
    }
    const read = await connection.read(buffer);
    if (read === null) throw new Error(`cut short: ${JSON.stringify(bytes)}`);
    bytes += String.fromCharCode(...buffer.subarray(0, read));
  }
}

/** Sends a request whose `Host`, method and target are as given, and reads the answer. */
export async function send(
  target: Target,
  path: string,
  options: {
    readonly method?: string;
    readonly host?: string | null;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  } = {},
): Promise<RawResponse> {
  const { method = "GET", host = `127.0.0.1:${target.port}`, body = "" } =
    options;
  const headers = {
    ...(host !== null && { Host: host }),
    ...options.headers,
    ...(body !== "" && { "Content-Length": body.length }),
  };
  const lines = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const connection = await connect(target);
  try {
    await write(
      connection,
      `${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`,
    );
    return await readResponse(connection, method);
  } finally {
    close(connection);
  }
}

export function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // closed already
  }
}
