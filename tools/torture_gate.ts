/** What stands between programs and the broker, and sees which answers of refreshes arrive. */
import { delay } from "../src/base/delay.ts";
import type { Sandbox } from "../src/sandbox/mod.ts";

/** What was seen of refreshes. */
export interface Gate extends AsyncDisposable {
  /** Where programs find the broker. */
  readonly url: string;
  /** The refresh token that the broker issued last at a refresh. */
  readonly last: () => string | undefined;
  /** Resolves when no refresh is under way: what the dead have sent has come to its end. */
  readonly idle: () => Promise<void>;
  /** How many refreshes ran at the same moment, at most, whose senders lived. */
  readonly most: () => number;
  /** Resolves when the next refresh arrives. */
  readonly next: () => Promise<void>;
}

/**
 * Starts it. A refresh stays for a while on its way there or back, by turns, so
 * that a kill can hit it.
 *
 * @param broker The broker.
 * @param stay How long, in milliseconds.
 */
export function startGate(broker: Sandbox, stay: number): Gate {
  let last: string | undefined;
  let under = 0;
  let most = 0;
  let turn = 0;
  const alive = new Set<Request>();
  let arrival = Promise.withResolvers<void>();
  const pass = async (request: Request, body: string): Promise<Passed> => {
    const { pathname, search } = new URL(request.url);
    const headers = new Headers(request.headers);
    headers.delete("host");
    headers.delete("accept-encoding");
    const answer = await fetch(`${broker.url}${pathname}${search}`, {
      method: request.method,
      headers,
      ...(body !== "" && { body }),
      redirect: "manual",
    });
    const text = await answer.text();
    return {
      status: answer.status,
      text,
      type: answer.headers.get("content-type") ?? "application/json",
    };
  };
  const wait = () => delay(stay);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const body = await request.text();
      if (!body.includes("grant_type=refresh_token")) {
        return response(await pass(request, body));
      }
      alive.add(request);
      request.signal.addEventListener("abort", () => alive.delete(request));
      most = Math.max(most, alive.size);
      under++;
      arrival.resolve();
      arrival = Promise.withResolvers();
      try {
        const early = ++turn % 2 === 0;
        if (early) await wait();
        // Its sender has died, and nothing of it has reached the broker.
        if (!alive.has(request)) return new Response();
        const answer = await pass(request, body);
        if (answer.status === 200) last = JSON.parse(answer.text).refresh_token;
        if (!early) await wait();
        return response(answer);
      } finally {
        alive.delete(request);
        under--;
      }
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    last: () => last,
    idle: async () => {
      while (under > 0) await delay(5);
    },
    most: () => most,
    next: () => arrival.promise,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** What came from the broker. */
interface Passed {
  readonly status: number;
  readonly text: string;
  readonly type: string;
}

function response({ status, text, type }: Passed): Response {
  return new Response(text, { status, headers: { "content-type": type } });
}
