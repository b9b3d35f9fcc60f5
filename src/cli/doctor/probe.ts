import { canConnect } from "../../system/connect.ts";
import type { Io } from "../terminal/io.ts";
import type { Fix } from "./finding.ts";

/** How an endpoint answered, or why not. */
export interface Probed {
  /** The endpoint. */
  readonly url: string;
  /** The HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** The `Date` header, in milliseconds since the epoch. */
  readonly date?: number;
  /** When the answer came, on this machine's clock, in milliseconds since the epoch. */
  readonly at: number;
  /** How long it took, in milliseconds. */
  readonly took: number;
  /** Why there was no answer. */
  readonly why?: string;
  /** What to do about that. */
  readonly remedy?: Fix;
}

/** How long an endpoint may take to answer, and then to accept a connection, in milliseconds. */
const LIMIT = 5_000;
const CONNECT_LIMIT = 2_000;

/**
 * Requests an endpoint's headers, without credentials, parameters or cookies.
 *
 * @param url The endpoint.
 * @param io The fetch function, the clock and the abort signal.
 * @returns How it answered.
 */
export async function probe(
  url: string,
  { fetch, now, signal }: Pick<Io, "fetch" | "now" | "signal">,
): Promise<Probed> {
  const limit = AbortSignal.timeout(LIMIT);
  const start = performance.now();
  try {
    const response = await fetch(url, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.any([signal, limit]),
    });
    await response.body?.cancel();
    const date = Date.parse(response.headers.get("date") ?? "");
    return {
      url,
      status: response.status,
      ...(!Number.isNaN(date) && { date }),
      at: now(),
      took: performance.now() - start,
    };
  } catch (error) {
    signal.throwIfAborted();
    return {
      url,
      at: now(),
      took: performance.now() - start,
      ...(limit.aborted ? await silent(url) : refused(error)),
    };
  }
}

const NETWORK = "check the network and the firewall";

/** The runtime reports the cause only as a text, which contains the URL. */
function refused(error: unknown): { why: string; remedy: Fix } {
  const { message, cause } = error instanceof Error
    ? error
    : new Error(String(error));
  const text = `${message} ${cause ?? ""}`;
  if (/NotValidYet|Expired|not valid yet|expired/i.test(text)) {
    return {
      why: "its TLS certificate is not currently valid",
      remedy: { fix: "check this machine's clock", command: "date" },
    };
  }
  if (/UnknownIssuer|certificate|self.signed/i.test(text)) {
    return {
      why:
        "its TLS certificate is not trusted here: a corporate or antivirus proxy may be intercepting TLS",
      remedy: {
        fix:
          "use the system's trust store, or set DENO_CERT=FILE.pem to the proxy's root CA",
        command: "export DENO_TLS_CA_STORE=system",
      },
    };
  }
  if (/dns|lookup|resolve/i.test(text)) {
    return {
      why: "its name does not resolve",
      remedy: { fix: "check the network and DNS" },
    };
  }
  if (/refused/i.test(text)) {
    return { why: "the connection was refused", remedy: { fix: NETWORK } };
  }
  if (/tls|ssl|handshake/i.test(text)) {
    return {
      why: "the TLS handshake failed",
      remedy: { fix: "check for a proxy (HTTPS_PROXY)" },
    };
  }
  return {
    why: "the connection failed or was reset",
    remedy: { fix: NETWORK },
  };
}

/** Tells a firewall that drops everything from a server that does not answer. */
async function silent(url: string): Promise<{ why: string; remedy: Fix }> {
  const { hostname, port, protocol } = new URL(url);
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), CONNECT_LIMIT);
  const connected = await Promise.race([
    canConnect(
      hostname.replace(/^\[|\]$/g, ""),
      Number(port || (protocol === "https:" ? 443 : 80)),
    ),
    late.promise,
  ]);
  clearTimeout(timer);
  return connected
    ? {
      why: `it accepted the connection but did not answer within ${
        LIMIT / 1000
      } seconds`,
      remedy: { fix: "try again later; stored tokens are kept" },
    }
    : {
      why: `no connection within ${LIMIT / 1000} seconds`,
      remedy: { fix: `${NETWORK}, or set a proxy with HTTPS_PROXY` },
    };
}
