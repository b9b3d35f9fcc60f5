/**
 * Decodes a PEM text (RFC 7468) of one part.
 *
 * @param pem The text.
 * @param label What it holds. Default: `CERTIFICATE`.
 * @returns The bytes, a character each; nothing when it is not such a text.
 */
export function fromPem(pem: string, label = "CERTIFICATE"): string {
  const body = new RegExp(
    `^-----BEGIN ${label}-----([^-]+)-----END ${label}-----\\s*$`,
  )
    .exec(pem)?.[1];
  try {
    return atob((body ?? "").replace(/\s+/g, ""));
  } catch {
    return ""; // it is not Base64
  }
}
