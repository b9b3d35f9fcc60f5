/**
 * The value of the name constraints extension (RFC 5280 §4.2.1.10, DER) that
 * lets a CA vouch only for this machine's own loopback names: the host name
 * `localhost`, the addresses 127.0.0.1 and ::1, and, for a verifier that checks
 * those too, mailboxes and URIs at `localhost`.
 *
 * Permitting any name of a kind rejects all others of that kind. Directory
 * names stay free: no verifier takes a server's name from one, and some (Go's)
 * reject a CA with constraints that they do not know.
 *
 * @returns The bytes.
 */
export function loopbackConstraints(): Uint8Array<ArrayBuffer> {
  const localhost = new TextEncoder().encode("localhost");
  const every = (count: number) => new Array<number>(count).fill(255); // the mask of a single address
  const ipv6 = [...new Array<number>(15).fill(0), 1];
  // GeneralName: each kind is [tag] IMPLICIT, and `minimum` has its default.
  const permitted = [
    element(0x82, localhost), // dNSName
    element(0x87, [127, 0, 0, 1, ...every(4)]), // iPAddress: address and mask
    element(0x87, [...ipv6, ...every(16)]),
    element(0x81, localhost), // rfc822Name: all mailboxes of that host
    element(0x86, localhost), // uniformResourceIdentifier: all URIs of that host
  ].flatMap((name) => element(SEQUENCE, name)); // GeneralSubtree
  return new Uint8Array(
    element(SEQUENCE, element(0xa0, permitted)), // permittedSubtrees [0]
  );
}

const SEQUENCE = 0x30;

/** A DER element of fewer than 128 bytes, whose length is one byte. */
function element(tag: number, content: Iterable<number>): number[] {
  const bytes = [...content];
  if (bytes.length > 127) throw new RangeError("too long for one byte");
  return [tag, bytes.length, ...bytes];
}
