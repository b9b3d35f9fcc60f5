/** A certificate and its private key, PEM. */
export interface TlsFiles {
  /** The certificate, and those between it and its root. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

/**
 * Answers a request.
 *
 * @param request The request.
 * @param completed Resolves when the answer was sent, and rejects when it could not be.
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
  /** Ends it, with all connections. */
  readonly signal: AbortSignal;
  /** Answers every request; what it throws becomes an empty answer of status 500. */
  readonly handler: RequestHandler;
}

/**
 * Serves http or https, without a word on the standard output.
 *
 * @param options Where, and what is answered.
 * @returns A promise that is settled when it listens no more; it rejects when
 * the system gave up listening, as when the process runs out of file descriptors.
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
 * Listens on an address for a moment.
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
