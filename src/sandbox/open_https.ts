import type { TLSSocket } from "node:tls";

/** The status and headers; the body of a callback's page is not needed here. */
export interface HttpsAnswer {
  readonly status: number;
  readonly location: string | null;
  readonly cookies: readonly string[];
}

/** No server on this machine sends more before the body. */
const LONGEST_HEAD = 65_536;

/**
 * Opens a page over https whatever its certificate. It speaks TLS by itself:
 * the `node:https` of Deno 2.4 has no way to accept an untrusted certificate, and later ones want the permission to read the system's own.
 *
 * @param url The page, on this machine, where no one can intercept it.
 * @param headers What to send.
 * @param signal Aborts it.
 * @returns The response, once the server has sent all of it.
 * @throws {Error} When there is no response, or it is not HTTP.
 */
export async function openHttps(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<HttpsAnswer> {
  const { connect } = await import("node:tls");
  signal?.throwIfAborted();
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const socket = connect({
    host,
    port: url.port === "" ? 443 : Number(url.port),
    ...(/[a-z]/i.test(host) && !host.includes(":") && { servername: host }),
    rejectUnauthorized: false,
    ca: [], // else the system's are read
  });
  const stop = () => socket.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await exchange(
      socket,
      [
        `GET ${url.pathname}${url.search} HTTP/1.1`,
        `host: ${url.host}`,
        ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
        "connection: close",
        "\r\n",
      ].join("\r\n"),
    );
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    socket.destroy();
  }
}

/** Sends a request and waits until the server has closed the connection. */
function exchange(socket: TLSSocket, request: string): Promise<HttpsAnswer> {
  return new Promise((resolve, reject) => {
    let text = "";
    let answer: HttpsAnswer | undefined;
    const ends = (error?: Error) => {
      // Some servers close without TLS's close_notify at the end.
      if (answer !== undefined) resolve(answer);
      else reject(error ?? new Error("the connection was cut"));
    };
    socket.on("secureConnect", () => socket.write(request));
    socket.on("data", (bytes: Uint8Array) => {
      if (answer !== undefined) return;
      text += new TextDecoder("latin1").decode(bytes);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0) answer = parseHead(text.slice(0, end));
      if (answer === undefined && (end >= 0 || text.length > LONGEST_HEAD)) {
        reject(new Error("the response is not HTTP"));
      }
    });
    socket.on("error", ends);
    socket.on("end", () => ends());
    socket.on("close", () => ends());
  });
}

function parseHead(text: string): HttpsAnswer | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const [, status] = /^HTTP\/1\.[01] (\d{3})\b/.exec(first) ?? [];
  if (status === undefined) return undefined;
  const values = (name: string) =>
    lines.filter((line) => line.toLowerCase().startsWith(`${name}:`))
      .map((line) => line.slice(name.length + 1).trim());
  return {
    status: Number(status),
    location: values("location")[0] ?? null,
    cookies: values("set-cookie"),
  };
}
