import type { Provider } from "./provider.ts";

/** The origin of the API, as a token answer names it. */
export interface NamedOrigin {
  /** The origin, where it may be used. */
  readonly apiOrigin?: string;
  /** What was named in its place and may not be used: it is text from outside. */
  readonly refusedApiOrigin?: string;
}

/**
 * Looks in a token answer for the origin of the API.
 *
 * @param provider The provider, which says under which name and of which domain.
 * @param answer The answer's entries.
 * @returns The origin, or what may not be one; nothing where the answer names none.
 */
export function originIn(
  { apiOriginFrom = {} }: Provider,
  answer: Readonly<Record<string, unknown>>,
): NamedOrigin {
  for (const [entry, domain] of Object.entries(apiOriginFrom)) {
    const named = Object.hasOwn(answer, entry) ? answer[entry] : undefined;
    if (named === undefined || named === null || named === "") continue;
    const apiOrigin = typeof named === "string"
      ? originOf(named, domain)
      : undefined;
    return apiOrigin === undefined
      ? { refusedApiOrigin: String(JSON.stringify(named)).slice(0, 100) }
      : { apiOrigin };
  }
  return {};
}

/**
 * Says that a named origin is not used.
 *
 * @param provider The provider.
 * @param refused What was named, as in {@linkcode NamedOrigin.refusedApiOrigin}.
 * @returns A sentence without a period.
 */
export function refusedOriginText(
  { name, apiOriginFrom = {} }: Provider,
  refused: string,
): string {
  return `${name} named ${refused} as its API, which is not https at ${
    Object.values(apiOriginFrom).join(" or ")
  }; no token is sent there`;
}

/**
 * The only origin that a provider's tokens may be sent to.
 *
 * @param provider The provider.
 * @param stored The origin that is stored with the tokens. It is checked again: a
 * file may have been changed, or be of another program.
 * @returns The origin; `undefined` where none is known.
 */
export function apiOriginOf(
  { apiOrigin, apiOriginFrom = {} }: Provider,
  stored: string | undefined,
): string | undefined {
  if (apiOrigin !== undefined || stored === undefined) return apiOrigin;
  return Object.values(apiOriginFrom)
    .map((domain) => originOf(stored, domain))
    .find((origin) => origin !== undefined);
}

/** A URL's origin, if it is https at a subdomain of the domain. */
function originOf(text: string, domain: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, hostname, origin } = new URL(text);
  // Of "com" nothing is kept apart, and of "" nothing at all.
  const isDomain = /^[\w-]+(\.[\w-]+)+$/.test(domain);
  return isDomain && protocol === "https:" &&
      hostname.endsWith(`.${domain.toLowerCase()}`)
    ? origin
    : undefined;
}
