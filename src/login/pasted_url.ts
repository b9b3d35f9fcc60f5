import {
  ANSWER,
  checkRedirect,
  type RedirectCheck,
  redirectParameters,
  type RedirectRejection,
  type UnreadRedirect,
} from "./redirect.ts";

/** Why a pasted text is rejected. */
export type PasteRejection =
  | RedirectRejection
  | "empty"
  | "not_a_url"
  | "other_url";

/** What terminals, mail programs and chats add to a URL. */
// deno-lint-ignore no-control-regex
const PASTE_MARKS = /\x1b\[20[01]~/g; // bracketed paste
// deno-lint-ignore no-control-regex
const INVISIBLE = /[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2060\ufeff]+/g;
const OPENING = /^[<("'`«‹“”„‘’‚]+/;
// Only from the first of them: a try from each would take a minute for a long run of quotes.
const CLOSING = /(?<![>)"'`»›“”‘’])[>)"'`»›“”‘’]+$/;
const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * Parses a redirect that the user pasted, with the same checks as a redirect to
 * the callback server.
 *
 * White space (also inside, where a terminal broke the line), quotes, angle
 * brackets, `&amp;` and a missing scheme are accepted, and the query alone
 * (`?code=…&state=…`) is enough. The URL may also be the same by http in place of
 * https or the other way round, and have the answer in its fragment. Any text is a valid argument.
 *
 * @param text What was pasted.
 * @param callbackUrl The callback URL as it is registered.
 * @param state The state that this login sent.
 * @returns The parameters, or why the text was rejected.
 * @throws {TypeError} When `callbackUrl` is not a URL.
 */
export function parsePastedUrl(
  text: string,
  callbackUrl: string,
  state: string,
): RedirectCheck<PasteRejection> {
  const callback = new URL(callbackUrl);
  const cleaned = text
    .replace(PASTE_MARKS, "")
    .replace(INVISIBLE, "")
    .replace(OPENING, "")
    .replace(CLOSING, "")
    .replace(/&(?:amp|#38|#x26);/gi, "&");
  if (cleaned === "") return { ok: false, reason: "empty" };
  const url = resolve(cleaned, callback);
  if (url === undefined) return { ok: false, reason: "not_a_url" };
  if (
    !isWeb(url) && url.protocol !== callback.protocol ||
    url.host !== callback.host || url.pathname !== callback.pathname
  ) {
    return { ok: false, reason: "other_url" };
  }
  // Some providers put the answer into the fragment; none puts it into both.
  const query = redirectParameters(url.search);
  const inQuery = ANSWER.some((name) => query.has(name));
  const answer = inQuery ? query : redirectParameters(url.hash.slice(1));
  return checkRedirect(answer, state);
}

/** Browsers turn http into https by themselves (HSTS, HTTPS-first); the state says whose redirect it is. */
function isWeb({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "http:";
}

/** Returns the URL that a text without white space means, if any. */
function resolve(text: string, callback: URL): URL | undefined {
  try {
    if (SCHEME.test(text)) return new URL(text);
    if (/^[?#]/.test(text)) return new URL(text, callback);
    if (/^(?:code|state|error|session|iss)=/.test(text)) {
      return new URL(`?${text}`, callback);
    }
    // Browsers hide the scheme: "127.0.0.1:8182/?code=…".
    const bare = text.replace(/^\/\//, "");
    return bare.toLowerCase().startsWith(callback.host) && callback.host !== ""
      ? new URL(`${callback.protocol}//${bare}`)
      : undefined;
  } catch {
    return undefined;
  }
}

const EXPLANATIONS: Readonly<
  Record<PasteRejection | UnreadRedirect, string>
> = {
  empty: "nothing was pasted",
  not_a_url:
    "this is not a URL; copy the whole URL from the address bar after you approve access",
  other_url:
    "this URL does not begin with the callback URL; copy the URL that the browser shows after you approve access",
  missing_state: "the URL has no state, so it may be forged; copy all of it",
  wrong_state: "the state does not match: it is from a different login",
  repeated_parameter: "the URL repeats code, state, error or iss",
  missing_code: "the URL has no authorization code; copy all of it",
  code_and_error: "the URL has both a code and an error",
  posted:
    "the provider posted the code as a form; set the response mode form_post (--response-mode form_post) and log in again",
  no_answer:
    "it has no code; if the browser's address has one after a #, paste that address",
  wrong_method: "its method is not GET, which a browser's redirect has",
  wrong_host:
    "it was for another host than the callback URL's; if the browser's address has a code, paste that address",
};

/**
 * Describes a rejection for users.
 *
 * @param reason Why a redirect or a pasted text was rejected.
 * @returns A clause in lower case without a final full stop.
 */
export function describeRejection(
  reason: PasteRejection | UnreadRedirect,
): string {
  return EXPLANATIONS[reason];
}
