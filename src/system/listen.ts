/** A certificate and its private key, PEM. */
export interface TlsFiles {
  /** The certificate and its intermediate certificates. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

/**
 * Handles a request.
 *
 * @param request The request.
 * @param completed Resolves when the response was sent, and rejects when it could not be.
 */
export type RequestHandler = (
  request: Request,
  completed: Promise<void>,
) => Response | Promise<Response>;

/** Options of {@linkcode serve}. */
export interface ServeOptions {
  /** The address. */
  readonly hostname: string;
  /** The port. */
  readonly port: number;
  /** The certificate and key for https; http without. */
  readonly tls?: TlsFiles | undefined;
  /** Stops it, with all connections. */
  readonly signal: AbortSignal;
  /** Handles every request; an error becomes an empty response with status 500. */
  readonly handler: RequestHandler;
}

/**
 * Serves http or https, without printing anything.
 *
 * @param options The address and the handler.
 * @returns A promise that settles when it stops listening; it rejects when
 * listening failed, as when the process runs out of file descriptors.
 * @throws {Error} When the address cannot be listened on.
 */
export function serve(options: ServeOptions): { finished: Promise<void> } {
  const { hostname, port, tls, signal, handler } = options;
  const { finished } = Deno.serve({
    hostname,
    port,
    signal,
    ...(tls ?? {}),
    onListen() {}, // the default prints
    onError: () => new Response(null, { status: 500 }), // the default prints
  }, (request, { completed }) => handler(request, completed));
  return { finished };
}

/**
 * Listens on an address and stops.
 *
 * @param hostname The address.
 * @param port The port; 0 for any that is free.
 * @param tls A certificate and key, which must belong together.
 * @throws {Error} When it cannot be listened on, or not with these.
 */
export function tryToListen(
  hostname: string,
  port: number,
  tls?: TlsFiles,
): void {
  if (tls === undefined) Deno.listen({ hostname, port }).close();
  else Deno.listenTls({ hostname, port, ...tls }).close();
}
