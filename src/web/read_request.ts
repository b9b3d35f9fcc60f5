import { sayPlainly } from "./responses.ts";

/** The longest URL that is read, in characters. */
const LONGEST = 16 * 1024;

/**
 * Reads where a request goes, without trusting anything about it.
 *
 * @param request The request.
 * @param hosts The application's names with their ports, lower case.
 * @returns Its URL, or the response to one that is not for this application.
 */
export function readRequest(
  request: Pick<Request, "url" | "headers">,
  hosts: ReadonlySet<string>,
): URL | Response {
  // HTTP/2 has `:authority` instead of Host; servers show it in the URL only.
  const host = request.headers.get("host") ??
    /^https?:\/\/([^/?#]*)/.exec(request.url)?.[1] ?? "";
  // Under another name for this server, a page could pose as the application (DNS rebinding).
  if (!hosts.has(host.toLowerCase())) {
    return sayPlainly(421, "Misdirected Request");
  }
  if (request.url.length > LONGEST) return sayPlainly(414, "URI Too Long");
  // Servers put client input into the URL, which may then be invalid.
  return URL.canParse(request.url)
    ? new URL(request.url)
    : sayPlainly(400, "Bad Request");
}

/**
 * Returns the values of `Host` that mean an origin: clients may add the default port.
 *
 * @param origin The application's origin.
 * @param more The values that a proxy sends.
 */
export function hostsOf(
  origin: string,
  more: readonly string[],
): ReadonlySet<string> {
  const { host, port, protocol } = new URL(origin);
  const standard = protocol === "https:" ? 443 : 80;
  return new Set([
    host,
    ...(port === "" ? [`${host}:${standard}`] : []),
    ...more.map((name) => name.toLowerCase()),
  ]);
}

/**
 * Whether a request is a prefetch. Its response may never be shown, so it must
 * neither begin nor end a login.
 */
export function isPrefetch({ headers }: Pick<Request, "headers">): boolean {
  return ["sec-purpose", "purpose", "x-moz"].some((name) =>
    /\bprefetch\b/i.test(headers.get(name) ?? "")
  );
}

/**
 * Whether a request is not a top-level navigation, but for an image, a frame or
 * a script. Another site's page can cause it without the user, and each login
 * that begins may end an older one.
 */
export function isSubresource({ headers }: Pick<Request, "headers">): boolean {
  const mode = headers.get("sec-fetch-mode");
  const dest = headers.get("sec-fetch-dest");
  if (mode !== null && mode !== "navigate") return true;
  // A service worker that forwards its page's navigation names no destination.
  return dest !== null && !["document", "empty"].includes(dest);
}
