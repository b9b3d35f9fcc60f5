/**
 * Connects to an address for a moment.
 *
 * @param hostname The name or address.
 * @param port The port.
 * @returns Whether there was a connection.
 */
export async function canConnect(
  hostname: string,
  port: number,
): Promise<boolean> {
  try {
    (await Deno.connect({ hostname, port })).close();
    return true;
  } catch {
    return false;
  }
}

/** What is known of a server's TLS. */
export interface TlsProbe extends Disposable {
  /**
   * Resolves when the server has shown a certificate.
   *
   * Whom it was issued by, and for what name, does not matter; that it is signed
   * rightly does.
   */
  readonly shown: Promise<void>;
}

/**
 * Makes a TLS connection as a browser would.
 *
 * @param hostname The server's address.
 * @param port Its port.
 * @param cert The certificate that is trusted, PEM.
 * @returns What becomes of it; disposed of, it is closed.
 */
export function probeTls(
  hostname: string,
  port: number,
  cert: string,
): TlsProbe {
  let connection: Deno.TlsConn | undefined;
  return {
    shown: handshake(),
    [Symbol.dispose]: () => {
      try {
        connection?.close();
      } catch {
        // closed by the failed handshake
      }
    },
  };

  async function handshake(): Promise<void> {
    try {
      connection = await Deno.connectTls({ hostname, port, caCerts: [cert] });
      await connection.handshake();
    } catch (error) {
      if (!isUntrusted(error)) throw error;
    }
  }
}

/** Whether it is the certificate's issuer, name or time that the runtime does not accept. */
function isUntrusted(error: unknown): boolean {
  return error instanceof Deno.errors.InvalidData &&
    /^invalid peer certificate/.test(error.message) &&
    !/Bad(?:Signature|Encoding)/.test(error.message);
}
