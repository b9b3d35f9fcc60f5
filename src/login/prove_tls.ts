import { TdauthError } from "../base/errors.ts";
import { probeTls } from "../system/connect.ts";
import { addressText } from "./listen_error.ts";

/** How long, in milliseconds, the server may take for its own first handshake. */
const PROOF_TIMEOUT = 5_000;

/**
 * Makes a TLS connection to the server as a browser would, before one is sent there.
 *
 * @param hostname The address that it listens on.
 * @param port Its port.
 * @param cert Its certificate, PEM.
 * @throws {TdauthError} `certificate_failed` when it does not answer.
 */
export async function proveTls(
  hostname: string,
  port: number,
  cert: string,
): Promise<void> {
  using probe = probeTls(hostname, port, cert);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no response within ${PROOF_TIMEOUT / 1000} s`)),
      PROOF_TIMEOUT,
    );
  });
  try {
    // Whom the certificate was issued by, and for what name, is for the browser
    // and its user to judge: that it was shown is proof enough.
    await Promise.race([probe.shown, late]);
  } catch (cause) {
    throw new TdauthError(
      "certificate_failed",
      `Cannot serve https on ${addressText(hostname, port)}: ${
        cause instanceof Error ? cause.message : cause
      }`,
      { hint: "use a certificate and its matching key", cause },
    );
  } finally {
    clearTimeout(timer);
  }
}
