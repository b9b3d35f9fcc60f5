import type { RequestHandler } from "./listen.ts";
import { isNotFound } from "./system_error.ts";

/** Options of {@linkcode serveUnix}. */
export interface ServeUnixOptions {
  /** Where the socket is bound; nothing may be there. */
  readonly path: string;
  /** Stops it, with all connections; not to be aborted once it shuts down or has ended, which the runtime reports as uncaught. */
  readonly signal: AbortSignal;
  /** Handles every request; an error becomes an empty response with status 500. */
  readonly handler: RequestHandler;
}

/** A server at a Unix socket. */
export interface UnixServer {
  /** Accepts no more, and waits until what runs has been answered. */
  readonly shutdown: () => Promise<void>;
  /** Settles when it has ended; rejects when it could accept no more, as without file descriptors. */
  readonly finished: Promise<void>;
}

/**
 * Serves HTTP at a Unix socket. The socket file has the mode of the umask until it
 * is changed to 0600, so its directory must be private; it stays when the server ends.
 *
 * @param options The socket and the handler.
 * @returns The server.
 * @throws {Error} When it cannot be bound.
 */
export function serveUnix(
  { path, signal, handler }: ServeUnixOptions,
): UnixServer {
  const server = Deno.serve({
    path,
    signal,
    onListen() {}, // the default prints
    onError: () => new Response(null, { status: 500 }), // the default prints
  }, (request, { completed }) => handler(request, completed));
  return { shutdown: () => server.shutdown(), finished: server.finished };
}

/**
 * Returns whether a server listens at a Unix socket: a file is left of one that was killed.
 *
 * @param path The socket.
 * @throws {Error} When this user cannot open it.
 */
export async function isListening(path: string): Promise<boolean> {
  try {
    const connection = await Deno.connect({ transport: "unix", path });
    connection.close();
    return true;
  } catch (error) {
    const nothing = isNotFound(error) ||
      error instanceof Deno.errors.ConnectionRefused;
    // A regular file of that name is no socket.
    if (nothing || error instanceof TypeError) return false;
    if (
      error instanceof Error && /ENOTSOCK|not a socket/i.test(error.message)
    ) {
      return false;
    }
    throw error;
  }
}
