import { delay } from "../base/delay.ts";
import { TdauthError } from "../base/errors.ts";
import { type RequestHandler, serve, type TlsFiles } from "../system/listen.ts";
import { isMissingAddress, isPortInUse } from "../system/system_error.ts";
import { listenError } from "./listen_error.ts";
import { proveTls } from "./prove_tls.ts";

/**
 * Lists the addresses that a callback URL needs a listener on. Only these three
 * are ever listened on (RFC 8252 §8.3): no other machine may connect.
 *
 * @param callbackUrl The callback URL as it is registered.
 * @returns `127.0.0.1`, `::1` or, for `localhost`, both; nothing for a URL that does not lead to this machine, whose redirect can only be pasted.
 */
export function callbackHosts(callbackUrl: string): readonly string[] {
  if (!URL.canParse(callbackUrl)) return [];
  const { protocol, hostname, port } = new URL(callbackUrl);
  if (protocol !== "http:" && protocol !== "https:") return [];
  if (port === "0") return []; // would be any port, and browsers reach none
  switch (hostname) {
    case "localhost":
      // Browsers try both families (RFC 6761 §6.3); `hostname: "localhost"` would open one.
      return ["127.0.0.1", "::1"];
    case "127.0.0.1":
      return ["127.0.0.1"];
    case "[::1]":
      return ["::1"];
    default:
      return [];
  }
}

/**
 * Parses a callback URL that can be listened on.
 *
 * @param callbackUrl The callback URL as it is registered.
 * @returns The URL.
 * @throws {TdauthError} `invalid_options` when it does not point to this machine.
 */
export function loopbackUrl(callbackUrl: string): URL {
  if (callbackHosts(callbackUrl).length > 0) return new URL(callbackUrl);
  throw new TdauthError(
    "invalid_options",
    `Cannot listen on the callback URL "${callbackUrl}": it does not point to this machine`,
    {
      hint:
        "paste the address that the browser shows after you approve access, or register a callback URL with 127.0.0.1",
    },
  );
}

/*
 * A browser that comes by the other scheme (TLS to an http callback URL, or plain
 * http to an https one) is refused by the runtime before any handler hears of it.
 * Only a proxy of our own in front could see its first byte. That proxy would open
 * a second port to every user of this machine, double the descriptors, need timers
 * against connections that send nothing (browsers open such), and know only that
 * it has the final page, not that the browser has. The user is told from the start
 * to paste the address of an error page, and either scheme is taken there.
 */

/** What {@linkcode listenOnLoopback} needs. */
export interface LoopbackOptions {
  /** Where to listen, from {@linkcode loopbackUrl}. */
  readonly callback: URL;
  /** The certificate and key, PEM, for an https URL. */
  readonly tls: TlsFiles | undefined;
  /** Answers every request. */
  readonly handler: RequestHandler;
}

/** Listeners on every loopback address of a callback URL. */
export interface LoopbackListener {
  /** Closes all connections, even busy ones, and frees the port; may be called again. */
  close(): Promise<void>;
}

/** How long, in milliseconds, to wait before listening again after the system refused a connection. */
const RETRY = 100;
/**
 * How often a port is tried that is in use, and how long, in milliseconds, is
 * waited in between: one that the last login let go of is held for a moment by a
 * program that this process is starting just then.
 */
const MOST_TRIES = 6;
const BETWEEN_TRIES = 20;

/**
 * Listens where a callback URL leads, and nowhere else.
 *
 * @param options Where, and what to answer.
 * @returns The listener, bound and, for https, proven to answer.
 * @throws {TdauthError} `port_in_use`, `port_forbidden`, `certificate_failed`, or `invalid_options` when a permission was not given.
 */
export async function listenOnLoopback(
  options: LoopbackOptions,
): Promise<LoopbackListener> {
  const { callback, tls, handler } = options;
  const hosts = callbackHosts(callback.href);
  const https = callback.protocol === "https:";
  const port = Number(callback.port || (https ? 443 : 80));
  const controller = new AbortController();
  const { signal } = controller;
  const servers = new Map<string, ReturnType<typeof serve>>();
  const timers = new Set<ReturnType<typeof setTimeout>>();

  const listen = (hostname: string) => {
    const server = serve({ hostname, port, tls, signal, handler });
    servers.set(hostname, server);
    // When the process runs out of file descriptors, the runtime gives up listening.
    server.finished.catch(() => relisten(hostname));
  };
  const relisten = (hostname: string) => {
    if (signal.aborted) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      try {
        listen(hostname);
      } catch {
        relisten(hostname);
      }
    }, RETRY);
    timers.add(timer);
  };
  const listenSoon = async (hostname: string) => {
    for (let tries = 1;; tries++) {
      try {
        return listen(hostname);
      } catch (error) {
        if (!isPortInUse(error) || tries === MOST_TRIES) throw error;
        await delay(BETWEEN_TRIES);
      }
    }
  };
  const close = async () => {
    controller.abort();
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    await Promise.allSettled([...servers.values()].map((s) => s.finished));
  };

  try {
    for (const hostname of hosts) {
      try {
        await listenSoon(hostname);
      } catch (error) {
        // A machine without IPv6 has no ::1; its browser does not try it either.
        if (
          !(hostname === "::1" && servers.size > 0 && isMissingAddress(error))
        ) {
          throw listenError(error, hostname, port);
        }
      }
    }
    if (tls) {
      await Promise.all(
        [...servers.keys()].map((hostname) =>
          proveTls(hostname, port, tls.cert)
        ),
      );
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { close };
}
