/**
 * Connects to an address and disconnects.
 *
 * @param hostname The name or address.
 * @param port The port.
 * @returns Whether it could connect.
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

/** A TLS handshake with a server. */
export interface TlsProbe extends Disposable {
  /**
   * Resolves when the server has presented a certificate.
   *
   * Its issuer and name do not matter; a valid signature of the handshake does.
   */
  readonly shown: Promise<void>;
}

/**
 * Opens a TLS connection as a browser would.
 *
 * @param hostname The server's address.
 * @param port Its port.
 * @param cert The trusted certificate, PEM.
 * @returns The handshake; disposing it closes the connection.
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

/** Whether the runtime rejects only the certificate's issuer, name or time. */
function isUntrusted(error: unknown): boolean {
  return error instanceof Deno.errors.InvalidData &&
    /^invalid peer certificate/.test(error.message) &&
    !/Bad(?:Signature|Encoding)/.test(error.message);
}
