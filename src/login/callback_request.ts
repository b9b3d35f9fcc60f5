import { ANSWER, redirectParameters } from "./redirect.ts";

/** What a request to the callback server is. */
export type CallbackRequest =
  /** Not for the callback URL: `Host` names another site (DNS rebinding) or is missing. */
  | { readonly kind: "wrong_host" }
  | { readonly kind: "wrong_method" }
  /** A form for the callback URL. */
  | { readonly kind: "posted" }
  | { readonly kind: "too_long" }
  | { readonly kind: "icon" }
  | { readonly kind: "wrong_path" }
  /** The callback URL with what looks like a broker's response. */
  | { readonly kind: "redirect"; readonly parameters: URLSearchParams }
  /** The callback URL without an answer: where the browser is sent afterwards. */
  | { readonly kind: "clean"; readonly ticket: string | null };

/**
 * The parameter of the clean URL by which the server knows the browser that it
 * has redirected there. A form or a link can set it, but not guess it.
 */
export const TICKET = "tdauth";

/** The longest path and query that is read, in characters. */
const LONGEST = 16 * 1024;

/**
 * Says what a request is, without trusting anything about it.
 *
 * @param request The request, of which the URL is not parsed: the client chose its host.
 * @param callback The callback URL.
 * @returns What it is.
 */
export function readRequest(
  request: Pick<Request, "method" | "url" | "headers">,
  callback: URL,
): CallbackRequest {
  const target = targetFor(request, callback);
  if (target === undefined) return { kind: "wrong_host" };
  const { method } = request;
  if (method === "POST" && pathOf(target) === callback.pathname) {
    return { kind: "posted" };
  }
  if (method !== "GET") return { kind: "wrong_method" };
  if (target.length > LONGEST) return { kind: "too_long" };
  const path = pathOf(target);
  if (path !== callback.pathname) {
    return { kind: path === "/favicon.ico" ? "icon" : "wrong_path" };
  }
  const parameters = redirectParameters(target.slice(path.length));
  return ANSWER.some((name) => parameters.has(name))
    ? { kind: "redirect", parameters }
    : { kind: "clean", ticket: parameters.get(TICKET) };
}

function pathOf(target: string): string {
  const question = target.indexOf("?");
  return question === -1 ? target : target.slice(0, question);
}

/** The path and query of a request whose `Host` is the callback URL's; undefined for any other. */
function targetFor(
  request: Pick<Request, "url" | "headers">,
  callback: URL,
): string | undefined {
  // HTTP/2, which browsers speak over TLS alone, has `:authority` in the place
  // of Host; Deno shows it in the URL only.
  const host = request.headers.get("host") ??
    (callback.protocol === "https:"
      ? /^https:\/\/([^/?#]*)/.exec(request.url)?.[1]
      : undefined);
  if (host === undefined || !isHostOf(host, callback)) return undefined;
  // A request line with another host in it wins over Host (RFC 9112 §3.2.2).
  const origin = `${callback.protocol}//${host}`;
  return request.url.startsWith(`${origin}/`)
    ? request.url.slice(origin.length)
    : undefined;
}

function isHostOf(host: string, callback: URL): boolean {
  const given = host.toLowerCase();
  const defaultPort = callback.protocol === "https:" ? "443" : "80";
  return given === callback.host ||
    callback.port === "" && given === `${callback.host}:${defaultPort}`;
}
