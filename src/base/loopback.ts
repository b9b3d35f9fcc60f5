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

/** Every name and address that leads to this machine (RFC 6761 §6.3, RFC 1122 §3.2.1.3, RFC 4291 §2.5). */
const THIS_MACHINE =
  /^(?:(?:.+\.)?localhost\.?|(?:127|0)(?:\.\d+){3}|\[::1?\]|\[::ffff:(?:7f[0-9a-f]{2}|0):[0-9a-f]+\])$/;

/**
 * Whether an answer of one server may name a URL: as {@linkcode isEndpoint}, and
 * another machine names none on this one, where services trust every caller.
 *
 * @param named What the answer names.
 * @param from The server that answered.
 */
export function mayName(named: unknown, from: URL): named is string {
  return typeof named === "string" && isEndpoint(named) &&
    // A URL's parser drops or encodes these; the text may be shown.
    !/[\s\p{C}]/u.test(named) &&
    (THIS_MACHINE.test(from.hostname) ||
      !THIS_MACHINE.test(new URL(named).hostname));
}
