/** Sends requests over keep-alive connections to loopback, one at a time on each connection; `web.ts` sends it the work. */
import { answerQuestions } from "./worker.ts";

/** What to send. */
export interface Load {
  /** The ports; connections are spread over them. */
  readonly ports: readonly number[];
  /** The requests, whole, taken in turn. */
  readonly requests: readonly string[];
  readonly connections: number;
  /** How long; absent: each request once. */
  readonly seconds?: number;
  /** Whether to return the refresh tokens in the responses. @default {false} */
  readonly tokens?: boolean;
}

/** The result. */
export interface Loaded {
  readonly requests: number;
  readonly seconds: number;
  /** How many got a status other than 200. */
  readonly failed: number;
  /** Milliseconds. */
  readonly median: number;
  /** Milliseconds. */
  readonly p99: number;
  /** The refresh tokens in the responses, in the order of the requests, if requested. */
  readonly tokens: readonly string[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

if (import.meta.main) await answerQuestions(run);

async function run(load: Load): Promise<Loaded> {
  const { ports, connections, seconds = Infinity } = load;
  const requests = load.requests.map((text) => encoder.encode(text));
  const most = seconds === Infinity ? requests.length : Infinity;
  const times: number[] = [];
  const tokens: string[] = [];
  let next = 0;
  let failed = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  await Promise.all(Array.from({ length: connections }, async (_, index) => {
    const port = ports[index % ports.length] ?? 0;
    let connection: Deno.TcpConn | undefined;
    const buffer = new Uint8Array(65_536);
    while (next < most && performance.now() < end) {
      const index = next++ % requests.length;
      const request = requests[index] ?? new Uint8Array();
      const sent = performance.now();
      connection ??= await connect(port);
      await connection.write(request);
      const { status, over, text } = await response(connection, buffer);
      if (status !== 200) failed++;
      if (load.tokens) {
        tokens[index] = /"refresh_token":"([^"]*)"/.exec(text)?.[1] ?? "";
      }
      times.push(performance.now() - sent);
      if (!over) continue;
      connection.close();
      connection = undefined;
    }
    connection?.close();
  }));
  const took = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const at = (part: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? NaN;
  return {
    requests: times.length,
    seconds: took,
    failed,
    median: at(0.5),
    p99: at(0.99),
    tokens,
  };
}

async function connect(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  return connection;
}

/** Reads one whole response; returns its status, whether it was the connection's last, and its text. */
async function response(
  connection: Deno.Conn,
  buffer: Uint8Array,
): Promise<{ status: number; over: boolean; text: string }> {
  let filled = 0;
  let whole = Infinity;
  while (filled < whole) {
    const read = await connection.read(buffer.subarray(filled));
    if (read === null) throw new Error("the server hung up");
    filled += read;
    if (whole < Infinity) continue;
    const text = decoder.decode(buffer.subarray(0, filled));
    const head = text.indexOf("\r\n\r\n");
    if (head < 0) continue;
    const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1];
    if (length !== undefined) whole = head + 4 + Number(length);
    else if (text.endsWith("\r\n0\r\n\r\n")) whole = filled; // chunked
  }
  const text = decoder.decode(buffer.subarray(0, filled));
  return {
    status: Number(text.slice(9, 12)),
    over: /\r\nconnection: close\r\n/i.test(text),
    text,
  };
}
