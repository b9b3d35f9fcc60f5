/** The attributes of a cookie. */
export interface CookieOptions {
  /** How long it lasts, in seconds; 0 deletes it. */
  readonly maxAge: number;
}

/**
 * Returns a cookie's full name: with `__Host-` the browser accepts it only from
 * this host, over https (RFC 6265bis §4.1.3.2). Over plain http, which is only
 * for this machine, browsers reject such a name.
 */
export function cookieName(name: string, https: boolean): string {
  return https ? `__Host-${name}` : name;
}

/**
 * Reads a request's cookies (RFC 6265 §4.2.1).
 *
 * @param request The request.
 * @returns Names and values; of a repeated name the first, which is the more specific one.
 */
export function readCookies(request: Request): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at < 0) continue;
    const name = pair.slice(0, at).trim();
    if (!cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}

/**
 * Writes a cookie that no script can read, that no other site's form sends, and
 * that only https (or this machine) carries.
 */
export function formatCookie(
  name: string,
  value: string,
  { maxAge }: CookieOptions,
): string {
  return `${name}=${value}; Path=/; Max-Age=${
    Math.max(0, Math.floor(maxAge))
  }; HttpOnly; Secure; SameSite=Lax`;
}
