import { sayPlainly } from "./responses.ts";

/** The longest URL that is read, in characters. */
const LONGEST = 16 * 1024;

/**
 * Reads where a request goes, without trusting anything about it.
 *
 * @param request The request.
 * @param hosts The application's names with their ports, lower case.
 * @returns Its URL, or the answer to one that is not for this application.
 */
export function readRequest(
  request: Pick<Request, "url" | "headers">,
  hosts: ReadonlySet<string>,
): URL | Response {
  // HTTP/2 has `:authority` in the place of Host; servers show it in the URL only.
  const host = request.headers.get("host") ??
    /^https?:\/\/([^/?#]*)/.exec(request.url)?.[1] ?? "";
  // Another name for this server is a page's way to be taken for the application (DNS rebinding).
  if (!hosts.has(host.toLowerCase())) {
    return sayPlainly(421, "Misdirected Request");
  }
  if (request.url.length > LONGEST) return sayPlainly(414, "URI Too Long");
  // Servers put the client's words into the URL, which then may be none.
  return URL.canParse(request.url)
    ? new URL(request.url)
    : sayPlainly(400, "Bad Request");
}

/**
 * The values of `Host` that mean an origin: clients may add the default port.
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
 * Whether a browser asks on a guess of where its user will go next. What it gets
 * may never be seen, so a login must neither begin nor end by it.
 */
export function isPrefetch({ headers }: Pick<Request, "headers">): boolean {
  return ["sec-purpose", "purpose", "x-moz"].some((name) =>
    /\bprefetch\b/i.test(headers.get(name) ?? "")
  );
}

/**
 * Whether a browser says that it asks for something else than a page of its own:
 * a picture, a frame, a script's request. Another site's page can make it ask so
 * without its user, and each login that begins may end an older one.
 */
export function isSubresource({ headers }: Pick<Request, "headers">): boolean {
  const mode = headers.get("sec-fetch-mode");
  const dest = headers.get("sec-fetch-dest");
  if (mode !== null && mode !== "navigate") return true;
  // A service worker that hands on its own page's navigation names no destination.
  return dest !== null && !["document", "empty"].includes(dest);
}
