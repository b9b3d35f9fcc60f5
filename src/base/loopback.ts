/** Names and addresses of this machine that tdauth listens on and trusts plain http to. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * Whether a URL's host is this machine, by the names that the loopback
 * interface always has (RFC 8252 §8.3).
 */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}

/** Whether a string is an https URL, or an http URL of this machine. */
export function secureUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" ||
    (url.protocol === "http:" && isLoopback(url));
}

/**
 * Whether a string is a URL that a secret may be sent to: as {@linkcode secureUrl},
 * without user information and without a fragment.
 */
export function isEndpoint(text: string): boolean {
  if (!secureUrl(text) || text.includes("#")) return false;
  const { username, password } = new URL(text);
  return username === "" && password === "";
}
