import { TdauthError } from "../errors.ts";

/**
 * Lists the addresses that a callback URL needs a listener on. Only these three
 * are ever listened on (RFC 8252 §8.3): nobody else on the network may connect.
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
 * @throws {TdauthError} `invalid_options` when it does not lead to this machine.
 */
export function loopbackUrl(callbackUrl: string): URL {
  if (callbackHosts(callbackUrl).length > 0) return new URL(callbackUrl);
  throw new TdauthError(
    "invalid_options",
    `Cannot listen on the callback URL "${callbackUrl}": it does not lead to this machine`,
    {
      hint:
        "paste the address that the browser shows after you have agreed, or register a callback URL with 127.0.0.1",
    },
  );
}

/** What {@linkcode listenOnLoopback} needs. */
export interface LoopbackOptions {
  /** Where to listen, from {@linkcode loopbackUrl}. */
  readonly callback: URL;
  /** The certificate and key, PEM, for an https URL. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  /** Answers every request. */
  readonly handler: Deno.ServeHandler<Deno.NetAddr>;
}

/** Listeners on every loopback address of a callback URL. */
export interface LoopbackListener {
  /** Closes all connections, whatever they do, and frees the port; may be called again. */
  close(): Promise<void>;
}

/** How long, in milliseconds, the server may take to answer its own first handshake. */
const PROOF_TIMEOUT = 5_000;
/** How long, in milliseconds, to wait before listening again after the system refused a connection. */
const RETRY = 100;

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
  const servers = new Map<string, Deno.HttpServer>();
  const timers = new Set<ReturnType<typeof setTimeout>>();

  const listen = (hostname: string) => {
    const server = Deno.serve({
      hostname,
      port,
      signal,
      ...(tls ?? {}),
      onListen() {}, // the default prints
      onError: () => new Response(null, { status: 500 }), // the default prints
    }, handler);
    servers.set(hostname, server);
    // When the process runs out of file descriptors, Deno.serve() gives up listening.
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
  const close = async () => {
    controller.abort();
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    await Promise.allSettled([...servers.values()].map((s) => s.finished));
  };

  try {
    for (const hostname of hosts) {
      try {
        listen(hostname);
      } catch (error) {
        // A machine without IPv6 has no ::1; its browser does not try it either.
        if (!(hostname === "::1" && servers.size > 0 && isMissing(error))) {
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

function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.AddrNotAvailable ||
    error instanceof Error && /os error (?:97|47|10047)\b/.test(error.message); // EAFNOSUPPORT
}

/** Makes a TLS connection to the server as a browser would, before one is sent there. */
async function proveTls(
  hostname: string,
  port: number,
  cert: string,
): Promise<void> {
  let connection: Deno.TlsConn | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${PROOF_TIMEOUT / 1000} s`)),
      PROOF_TIMEOUT,
    );
  });
  const handshake = async () => {
    connection = await Deno.connectTls({ hostname, port, caCerts: [cert] });
    await connection.handshake();
  };
  try {
    await Promise.race([handshake(), late]);
  } catch (cause) {
    // Whom the certificate was issued by, and for what name, is for the browser
    // and its user to judge: that it was shown is proof enough.
    if (
      cause instanceof Deno.errors.InvalidData &&
      /^invalid peer certificate/.test(cause.message) &&
      !/Bad(?:Signature|Encoding)/.test(cause.message)
    ) return;
    throw new TdauthError(
      "certificate_failed",
      `Cannot serve https on ${address(hostname, port)}: ${words(cause)}`,
      { hint: "give a certificate and the key that belongs to it", cause },
    );
  } finally {
    clearTimeout(timer);
    try {
      connection?.close();
    } catch {
      // closed by the failed handshake
    }
  }
}

function listenError(
  cause: unknown,
  hostname: string,
  port: number,
): TdauthError {
  const where = address(hostname, port);
  if (cause instanceof Deno.errors.AddrInUse) {
    return new TdauthError(
      "port_in_use",
      `Cannot listen on ${where}: another program uses this port`,
      {
        hint: `it may be another tdauth login; find it with: ${
          Deno.build.os === "windows"
            ? `netstat -ano | findstr :${port}`
            : `lsof -i :${port}`
        }`,
        cause,
      },
    );
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return new TdauthError(
      "port_forbidden",
      `Cannot listen on ${where}: this user may not use this port`,
      {
        hint:
          "register a callback URL with a port from 1024 up, such as https://127.0.0.1:8182, or paste the address that the browser shows after you have agreed",
        cause,
      },
    );
  }
  if (cause instanceof Deno.errors.NotCapable) {
    return new TdauthError(
      "invalid_options",
      `Cannot listen on ${where}: this script was not given the permission`,
      { hint: `run it with --allow-net=${where}`, cause },
    );
  }
  if (isMissing(cause)) {
    return new TdauthError(
      "invalid_options",
      `Cannot listen on ${where}: this machine does not have that address`,
      { hint: "register a callback URL with 127.0.0.1", cause },
    );
  }
  return new TdauthError(
    "certificate_failed",
    `Cannot serve https on ${where}: ${
      words(cause).includes("KeyMismatch")
        ? "the key does not belong to the certificate"
        : words(cause)
    }`,
    { hint: "give a certificate and the key that belongs to it", cause },
  );
}

function address(hostname: string, port: number): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

function words(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
