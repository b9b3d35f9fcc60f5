import type { Entries } from "./read_answer.ts";

/** Under which name a regular answer has a lifetime that is none: VK's 0 means "never". */
export const NO_LIFETIME = "no_lifetime";

/** Under which name a regular answer has its id_token, so that the library leaves it alone. */
export const UNCHECKED_ID_TOKEN = "unchecked_id_token";

/** Where brokers put a refresh token's lifetime: most, Keycloak, Intuit. */
const REFRESH_LIFETIMES = [
  "refresh_token_expires_in",
  "refresh_expires_in",
  "x_refresh_token_expires_in",
];

/**
 * Returns a successful answer without the unneeded parts that the strict library
 * would reject, and with lifetimes where they belong.
 *
 * @param entries The answer's entries.
 * @returns The entries for the library.
 */
export function regularGrant(entries: Entries): Record<string, unknown> {
  // Schwab's id_token is signed for someone else: the library must not check it.
  const {
    id_token,
    expires_in,
    refresh_token,
    scope,
    ...rest
  } = entries;
  const lifetime = seconds(expires_in ?? shortExpires(entries)) || undefined;
  return {
    ...rest,
    [UNCHECKED_ID_TOKEN]: id_token,
    ...(lifetime === undefined && typeof expires_in === "number" &&
      { [NO_LIFETIME]: expires_in }),
    token_type: "Bearer", // checked before
    expires_in: lifetime,
    refresh_token: typeof refresh_token === "string" && refresh_token !== ""
      ? refresh_token
      : undefined,
    refresh_token_expires_in: REFRESH_LIFETIMES
      .map((name) => seconds(entries[name]))
      .find((found) => found !== undefined),
    scope: Array.isArray(scope)
      ? scope.join(" ")
      : typeof scope === "string"
      ? scope
      : undefined,
  };
}

/** The registered types beside Bearer, and an old draft's (IANA, "OAuth Access Token Types"). */
const KNOWN_TYPES = ["DPoP", "PoP", "N_A", "MAC"];

/**
 * Finds the type of a token that is no bearer token (RFC 6749 §7.1): one that is
 * bound to a key (DPoP, RFC 9449) or needs a signature is rejected in a header
 * alone. Many answers have no type.
 *
 * @param entries The answer's entries.
 * @returns What it is, in words; `undefined` for a bearer token.
 */
export function otherTokenType(
  { token_type: type }: Entries,
): string | undefined {
  if (type === undefined || type === null) return undefined;
  if (typeof type !== "string") return "of an unknown type";
  const name = type.trim();
  if (name === "" || name.toLowerCase() === "bearer") return undefined;
  const known = KNOWN_TYPES.find((one) =>
    one.toLowerCase() === name.toLowerCase()
  );
  // Anything else may be a token in the wrong place: it is not shown.
  return known === undefined ? "of an unknown type" : `of type ${known}`;
}

/** Old servers' name for a lifetime; a number as large as that is a date. */
function shortExpires({ expires }: Entries): unknown {
  return Number(expires) < 1e9 ? expires : undefined;
}

/** A lifetime; a textual one counts, a negative one is 0, nonsense is as if absent. */
function seconds(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== ""
    ? Number(value)
    : value;
  return typeof number === "number" && Number.isFinite(number)
    ? Math.max(0, number)
    : undefined;
}
