import { failureReason, networkFailure } from "../../base/network_failure.ts";
import { canConnect } from "../../system/connect.ts";
import { proxyFor } from "../../system/proxy.ts";
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
 * @param userAgent The provider's `User-Agent`. @default {the runtime's}
 * @returns How it answered.
 */
export async function probe(
  url: string,
  { fetch, now, signal }: Pick<Io, "fetch" | "now" | "signal">,
  userAgent?: string,
): Promise<Probed> {
  const limit = AbortSignal.timeout(LIMIT);
  const start = performance.now();
  try {
    const response = await fetch(url, {
      method: "HEAD",
      ...(userAgent !== undefined && {
        headers: { "user-agent": userAgent },
      }),
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
      ...(limit.aborted ? await silent(url) : refused(error, url)),
    };
  }
}

const NETWORK = "check the network and the firewall";

/** Why there was no answer, and what to do about it. */
function refused(error: unknown, url: string): { why: string; remedy: Fix } {
  const { problem, unsent } = networkFailure(error);
  const proxy = proxyFor(url);
  switch (problem) {
    case "certificate time":
      return {
        why: "its TLS certificate is not currently valid",
        remedy: { fix: "check this machine's clock", command: "date" },
      };
    case "certificate":
      return {
        why:
          "its TLS certificate is not trusted here: a corporate or antivirus proxy may be intercepting TLS",
        remedy: {
          fix:
            "use the system's trust store, or set DENO_CERT=FILE.pem to the proxy's root CA",
          command: "export DENO_TLS_CA_STORE=system",
        },
      };
    case "proxy password":
      return {
        why: failureReason({ problem, unsent }, proxy),
        remedy: {
          fix: "put them into the proxy's URL",
          command: "export HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT",
        },
      };
    case "tls":
    case "proxy":
      return {
        why: failureReason({ problem, unsent }, proxy),
        remedy: { fix: "check the proxy (HTTPS_PROXY, NO_PROXY)" },
      };
    case "name":
      return {
        why: proxy === undefined
          ? "its name does not resolve"
          : `the name of the proxy ${proxy} does not resolve`,
        remedy: { fix: "check the network and DNS" },
      };
    case "refused":
      return {
        why: proxy === undefined
          ? "the connection was refused"
          : `the proxy ${proxy} refused the connection`,
        remedy: { fix: NETWORK },
      };
    default:
      return {
        why: failureReason({ problem, unsent }, proxy),
        remedy: { fix: NETWORK },
      };
  }
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
