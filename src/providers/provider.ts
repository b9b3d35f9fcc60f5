import type { HintInput } from "../base/hint.ts";

/**
 * How the client authenticates at the token endpoint.
 *
 * - `none`: it does not; `client_id` goes in the body (RFC 6749 §3.2.1).
 * - `client_secret_basic`: HTTP Basic with percent-encoded parts (RFC 6749 §2.3.1);
 *   letters, digits, `-`, `.`, `_` and `~` stay as they are.
 * - `client_secret_raw_basic`: HTTP Basic of the key and secret as they are, which
 *   is what Charles Schwab expects.
 * - `client_secret_post`: key and secret in the body (RFC 6749 §2.3.1).
 */
export type ClientAuthentication =
  | "none"
  | "client_secret_basic"
  | "client_secret_raw_basic"
  | "client_secret_post";

/** An error answer that means "log in again" although it is not `invalid_grant`. */
export interface LoginNeededError {
  /** The value of `error` in the answer; of one in plain text, all of it. */
  readonly error: string;
  /** Text that `error_description` must contain, without regard to case; any when absent. */
  readonly description?: string;
}

/**
 * Everything that differs from broker to broker, as data. `tdAmeritrade()`,
 * `schwab()` and `discover()` return one; any other OAuth 2.0 provider is an
 * object of your own.
 *
 * All lifetimes are in seconds, and no number in it is negative or endless: what
 * is not known or not limited is left out, so that a provider means the same
 * after it has been JSON.
 *
 * @example A provider of your own
 * ```ts
 * import type { Provider } from "@tdauth/tdauth";
 *
 * const provider: Provider = {
 *   id: "acme",
 *   name: "Acme Securities",
 *   authorizationEndpoint: "https://login.acme.example/authorize",
 *   tokenEndpoint: "https://login.acme.example/token",
 *   apiOrigin: "https://api.acme.example",
 *   scope: "trade offline_access",
 * };
 * ```
 */
export interface Provider {
  /** A short word for settings and files: `schwab`. */
  readonly id: string;
  /** The name that people read: `Charles Schwab`. */
  readonly name: string;
  /** Where the user's browser is sent (RFC 6749 §3.1). */
  readonly authorizationEndpoint: string;
  /** Where codes and refresh tokens are turned into access tokens (RFC 6749 §3.2). */
  readonly tokenEndpoint: string;
  /** Where tokens are revoked at logout (RFC 7009); none when absent. */
  readonly revocationEndpoint?: string;
  /** Where a code for a login on another device is issued (RFC 8628 §3.1); none when absent. */
  readonly deviceAuthorizationEndpoint?: string;
  /** The issuer identifier; checked against `iss` in the redirect (RFC 9207). */
  readonly issuer?: string;
  /** Whether the metadata promises `iss` in the redirect. @default {false} */
  readonly issInResponse?: boolean;
  /** The only origin that `Authorization.fetch` sends a token to; none when absent. */
  readonly apiOrigin?: string;
  /**
   * Where the API's origin is no fixed one: the entries of a token answer that may
   * name it, each with the domain whose subdomains alone are taken, over https; the
   * last one named is stored with the tokens. Without effect beside
   * {@linkcode Provider.apiOrigin}.
   */
  readonly apiOriginFrom?: Readonly<Record<string, string>>;
  /**
   * How the client authenticates.
   * @default {"none" without a consumer secret; with one "client_secret_basic", and
   * where the server rejects that, the other two ways, once}
   */
  readonly clientAuthentication?: ClientAuthentication;
  /**
   * Whether no app can do without a consumer secret, so that a missing one is told
   * before anything is sent.
   * @default {only with "client_secret_raw_basic"}
   */
  readonly needsSecret?: boolean;
  /**
   * The ways that the server's metadata announce (RFC 8414), in its own words:
   * `client_secret_post` is tried only where it is among them, or where there are
   * no metadata.
   */
  readonly announcedAuthentications?: readonly string[];
  /** Whether the authorization request carries PKCE with S256 (RFC 7636). @default {true} */
  readonly pkce?: boolean;
  /** The requested scope, values separated by spaces; none when absent. */
  readonly scope?: string;
  /** What separates scopes in the authorization request (RFC 6749 §3.3 has spaces). @default {"space"} */
  readonly scopeSeparator?: "space" | "comma";
  /** More parameters for the authorization request; none of the protocol's own. */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /**
   * How the redirect carries the code: in its query, or as a form that the browser
   * posts (OAuth 2.0 Form Post Response Mode).
   * @default {"query"}
   */
  readonly responseMode?: "query" | "form_post";
  /** More parameters for the exchange of the code. */
  readonly exchangeParameters?: Readonly<Record<string, string>>;
  /** More parameters for every refresh, such as an `audience`. */
  readonly refreshParameters?: Readonly<Record<string, string>>;
  /** Whether a refresh repeats {@linkcode Provider.scope}. @default {false} */
  readonly scopeAtRefresh?: boolean;
  /** How to ask for a new refresh token together with an access token. */
  readonly renewal?: {
    /** More parameters for the refresh request. */
    readonly parameters: Readonly<Record<string, string>>;
    /**
     * Ask only when the refresh token has less than this many seconds left.
     * @default {at every refresh}
     */
    readonly within?: number;
  };
  /** The suffix of the consumer key on the wire, whether the user writes it or not. */
  readonly consumerKeySuffix?: string;
  /** The access token's lifetime if the response does not state it. @default {300} */
  readonly accessTokenLifetime?: number;
  /**
   * Whether every login brings a refresh token: where one always does, a login
   * without it has failed. Elsewhere the access token alone is used until it
   * ends, and the next login is due then.
   * @default {"optional"}
   */
  readonly refreshTokens?: "always" | "optional";
  /** The refresh token's lifetime if the response does not state it; unknown when absent. */
  readonly refreshTokenLifetime?: number;
  /**
   * Whether a refresh token's lifetime counts from when it was issued or from the
   * login, whatever is refreshed.
   * @default {"issue"}
   */
  readonly refreshTokenLifetimeFrom?: "issue" | "login";
  /**
   * Whether a refresh may replace the refresh token. Where it may, nothing is
   * sent while the tokens cannot be stored, and an answer is waited for longer,
   * for a minute, and not asked for again by the same call.
   * @default {true}
   */
  readonly rotatesRefreshToken?: boolean;
  /** Whether a new login ends the tokens of earlier ones. @default {false} */
  readonly loginEndsOthers?: boolean;
  /** Error answers of a refresh that mean "log in again" besides `invalid_grant`. */
  readonly loginNeededErrors?: readonly LoginNeededError[];
  /** Whether the broker accepts only https callback URLs. @default {false} */
  readonly httpsCallbackOnly?: boolean;
  /**
   * The `User-Agent` of all requests to the provider and its API, printable ASCII; one of the caller's own goes before it at the API.
   * @default {"oauth4webapi/…" where tokens are requested, at the API the runtime's own}
   */
  readonly userAgent?: string;
  /** What to tell users whose callback URL is on `localhost`, where the broker would rather have an address, as one sentence. */
  readonly localhostWarning?: string;
  /** Why a login at the real endpoints cannot work, and what to use instead. */
  readonly closed?: { readonly why: string; readonly hint: HintInput };
  /** What to look at when a login fails in an unclear way, as one sentence. */
  readonly troubleHint?: string;
}
