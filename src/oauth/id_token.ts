import { secureUrl } from "../base/loopback.ts";
import type { Provider } from "../providers/provider.ts";
import type { Claims } from "../token/claims.ts";
import { isObject } from "../token/token_text.ts";
import { type App, clientId } from "./client.ts";
import { isIssuer } from "./issuer.ts";

/** What the id_token of an answer says. */
export interface Identity {
  /** Who logged in; absent where the answer says nothing that can be relied on. */
  readonly claims?: Claims;
  /** Why an id_token that is there cannot be relied on. */
  readonly identityProblem?: string;
}

/** What an id_token is held against. */
export interface Expected {
  /** The provider that answered. */
  readonly provider: Provider;
  /** The app. */
  readonly app: App;
  /** The clock, in milliseconds since the epoch. */
  readonly now: () => number;
  /** The nonce that the login sent; absent where none was: for a login on another device, and at a refresh. */
  readonly nonce?: string;
}

/**
 * Whether a login asks for an id_token, for which some servers require a nonce.
 * Schwab sends one that is not asked for, and is not about the user.
 *
 * @param provider The provider.
 */
export function requestsIdentity({ scope = "" }: Provider): boolean {
  return scope.split(/[ ,]+/).includes("openid");
}

/** The claims of a JWT, of which nothing has been checked. */
export type RawClaims = Readonly<Record<string, unknown>>;

/** How far, in seconds, the provider's clock and this one may differ. */
const CLOCK_TOLERANCE = 300;
/** The longest issuer and `sub`; OpenID Connect Core §2 allows 255 characters of `sub`. */
const LONGEST = 1000;
/** The largest claims that are kept, in characters of JSON: they are stored with the tokens. */
const LARGEST = 16_384;
/** How deep a claim may be: Keycloak's `resource_access` has three levels. */
const DEEPEST = 8;

/** What is about the id_token itself, or the login that it was for, and says nothing of the user. */
const OWN_CLAIMS = [
  "aud",
  "azp",
  "exp",
  "iat",
  "nbf",
  "jti",
  "nonce",
  "at_hash",
  "c_hash",
  "s_hash",
];

/**
 * What must hold of an id_token (OpenID Connect Core §3.1.3.7), and what is said
 * where it does not. Its signature need not be checked: it came from the token
 * endpoint itself, and TLS says so.
 */
const RULES: readonly {
  readonly holds: (claims: RawClaims, expected: Expected) => boolean;
  readonly otherwise: string;
}[] = [
  {
    holds: (_, { provider }) => secureUrl(provider.tokenEndpoint),
    otherwise: "it did not come over https",
  },
  {
    holds: ({ iss }, { provider }) => isText(iss) && isFrom(provider, iss),
    otherwise: "it is from another issuer",
  },
  {
    holds: ({ sub }) => isText(sub),
    otherwise: "it does not say who it is about",
  },
  {
    holds: ({ aud }, { provider, app }) =>
      (Array.isArray(aud) ? aud : [aud])
        .includes(clientId(provider, app.consumerKey)),
    otherwise: "it is for another app",
  },
  {
    // Of several apps, one must be the one that it was issued to.
    holds: ({ aud, azp }, { provider, app }) =>
      azp === undefined
        ? !Array.isArray(aud) || aud.length === 1
        : azp === clientId(provider, app.consumerKey),
    otherwise: "it was issued to another app",
  },
  {
    holds: ({ exp }, { now }) =>
      typeof exp === "number" && exp > now() / 1000 - CLOCK_TOLERANCE,
    otherwise: "it has expired, or the clock of this machine is wrong",
  },
  {
    holds: ({ iat, nbf = iat }, { now }) =>
      [iat, nbf].every((time) =>
        typeof time === "number" && time < now() / 1000 + CLOCK_TOLERANCE
      ),
    otherwise: "it is from the future, or the clock of this machine is wrong",
  },
  {
    holds: (claims, { nonce }) => nonce === undefined || claims.nonce === nonce,
    otherwise: "it does not name this login",
  },
];

/**
 * Reads who has logged in from the id_token of a token endpoint's answer.
 *
 * @param idToken The id_token; undefined where the answer has none.
 * @param expected What it is held against.
 * @returns The claims about the user, or why there are none.
 */
export function identityIn(
  idToken: string | undefined,
  expected: Expected,
): Identity {
  if (idToken === undefined || !requestsIdentity(expected.provider)) return {};
  const raw = rawClaims(idToken);
  if (raw === undefined) {
    return { identityProblem: "it is encrypted or damaged" };
  }
  const broken = RULES.find(({ holds }) => !holds(raw, expected));
  if (broken !== undefined) return { identityProblem: broken.otherwise };
  const { iss, sub } = raw;
  // What the rules say of both, for the compiler.
  return isText(iss) && isText(sub) ? { claims: kept(raw, iss, sub) } : {};
}

/**
 * Reads the payload of a signed JWT, and checks nothing.
 *
 * @param jwt The JWT.
 * @returns Its claims; undefined where it is none.
 */
export function rawClaims(jwt: string): RawClaims | undefined {
  const [, payload, signature, ...more] = jwt.split(".");
  if (payload === undefined || signature === undefined || more.length > 0) {
    return undefined;
  }
  try {
    const bytes = Uint8Array.from(
      atob(payload.replaceAll("-", "+").replaceAll("_", "/")),
      (character) => character.charCodeAt(0),
    );
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether two answers are about one user.
 *
 * @param before The user of the earlier answer.
 * @param after The user of the later one.
 */
export function isSameUser(before: Claims, after: Claims): boolean {
  return before.iss === after.iss && before.sub === after.sub;
}

/** Where the provider's issuer is not known, it is on the origin of the token endpoint, whose TLS speaks for all of it. */
function isFrom({ issuer, tokenEndpoint }: Provider, iss: string): boolean {
  if (issuer !== undefined) return isIssuer(iss, issuer);
  return URL.canParse(iss) &&
    new URL(iss).origin === new URL(tokenEndpoint).origin;
}

/** Returns what is stored of the claims. */
function kept(raw: RawClaims, iss: string, sub: string): Claims {
  const rest = Object.entries(raw).filter(([name, value]) =>
    !OWN_CLAIMS.includes(name) && isShallow(value, DEEPEST)
  );
  const claims = { ...Object.fromEntries(rest), iss, sub };
  // Entra's groups alone can be as large: who it is matters most.
  return JSON.stringify(claims, undefined, 1).length > LARGEST
    ? { iss, sub }
    : claims;
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 &&
    Object.values(value).every((inner) => isShallow(inner, depth - 1));
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= LONGEST;
}
