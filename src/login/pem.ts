/**
 * Decodes a PEM text (RFC 7468) of one part.
 *
 * @param pem The text.
 * @param label What it holds. Default: `CERTIFICATE`.
 * @returns The bytes, a character each; nothing when it is not such a text.
 * @throws {DOMException} When it is not in Base64.
 */
export function fromPem(pem: string, label = "CERTIFICATE"): string {
  const body = new RegExp(
    `^-----BEGIN ${label}-----([^-]+)-----END ${label}-----\\s*$`,
  )
    .exec(pem)?.[1];
  return body === undefined ? "" : atob(body.replace(/\s+/g, ""));
}
