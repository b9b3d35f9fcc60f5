/** Below the ephemeral range: no other program gets the port by chance before it is listened on. */
const FIRST = 12_000;
const PORTS = 8_000;

/**
 * Puts a free port into a callback URL that has the port 0.
 *
 * @param callbackUrl The callback URL.
 * @returns It, with a port that is free on 127.0.0.1 and ::1; any other as it is.
 * @throws {Deno.errors.AddrInUse} when none is found.
 */
export function withFreePort(callbackUrl: string): string {
  return callbackUrl.replace(
    /^(https?:\/\/[^/?#]*):0(?![^/?#])/i,
    (_, origin) => `${origin}:${freePort()}`,
  );
}

function freePort(): number {
  for (let tries = 0; tries < 1000; tries++) {
    const port = FIRST + Math.floor(Math.random() * PORTS);
    if (["127.0.0.1", "::1"].every((hostname) => isFree(hostname, port))) {
      return port;
    }
  }
  throw new Deno.errors.AddrInUse("Cannot find a free port");
}

function isFree(hostname: string, port: number): boolean {
  try {
    Deno.listen({ hostname, port }).close();
    return true;
  } catch (error) {
    // A machine without IPv6 has no ::1.
    if (hostname === "::1") return !(error instanceof Deno.errors.AddrInUse);
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
