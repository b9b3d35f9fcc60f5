import type { SettingRow } from "./setting_row.ts";

/** What `.env` would choose by a URL. */
export const SECRETS_TO = "where secrets are sent";
/** What a provider is; `.env` says nothing of it. */
const OF_PROVIDER = {
  secret: false,
  inProfile: true,
  ofProvider: true,
  trust: { chooses: "how the provider is used" },
} as const;
const ENDPOINT = {
  ...OF_PROVIDER,
  kind: "endpoint",
  value: "url",
  trust: { chooses: SECRETS_TO },
} as const;
const PARAMETERS = {
  ...OF_PROVIDER,
  kind: "parameters",
  value: "name=value",
} as const;

const AT_TOKEN_ENDPOINT = ["grant_type", "client_id", "client_secret"] as const;

/**
 * The settings of a provider: everything that a `Provider` says, under the same
 * name. They change what a preset or an issuer's metadata says; with both
 * endpoints a provider needs neither.
 */
export const PROVIDER_SETTINGS = {
  authorizationEndpoint: {
    ...ENDPOINT,
    variable: "TD_AUTHORIZATION_ENDPOINT",
    flag: "--authorization-endpoint",
    otherwise: "the provider's",
    help: "The provider's login page, where it has no metadata.",
  },
  tokenEndpoint: {
    ...ENDPOINT,
    variable: "TD_TOKEN_ENDPOINT",
    flag: "--token-endpoint",
    otherwise: "the provider's",
    help: "The provider's token endpoint, where it has no metadata.",
  },
  revocationEndpoint: {
    ...ENDPOINT,
    variable: "TD_REVOCATION_ENDPOINT",
    flag: "--revocation-endpoint",
    otherwise: "the provider's",
    help: "Where the provider revokes tokens.",
  },
  deviceAuthorizationEndpoint: {
    ...ENDPOINT,
    variable: "TD_DEVICE_AUTHORIZATION_ENDPOINT",
    flag: "--device-authorization-endpoint",
    otherwise: "the provider's",
    help: "Where the provider starts a login with a code on another device.",
  },
  apiOrigin: {
    ...ENDPOINT,
    variable: "TD_API_ORIGIN",
    flag: "--api-origin",
    kind: "origin",
    otherwise: "the provider's, of an issuer its own",
    help: "The origin of the API, the only one that tokens are sent to.",
  },
  apiOriginFrom: {
    ...OF_PROVIDER,
    variable: "TD_API_ORIGIN_FROM",
    kind: "parameters",
    trust: { chooses: SECRETS_TO },
    otherwise: "the provider's",
    help:
      "An entry of the token answer that names the API's origin, with its domain (instance_url=example.com).",
  },
  providerName: {
    ...OF_PROVIDER,
    variable: "TD_PROVIDER_NAME",
    kind: "text",
    otherwise: "the provider's",
    help: "What messages call the provider.",
  },
  clientAuthentication: {
    ...OF_PROVIDER,
    variable: "TD_CLIENT_AUTHENTICATION",
    flag: "--client-auth",
    value: "method",
    kind: "choice",
    choices: [
      "none",
      "client_secret_basic",
      "client_secret_raw_basic",
      "client_secret_post",
    ],
    otherwise: "the provider's",
    help: "How the app authenticates at the token endpoint.",
  },
  pkce: {
    ...OF_PROVIDER,
    variable: "TD_PKCE",
    flag: "--pkce",
    value: "true|false",
    kind: "boolean",
    otherwise: "the provider's, else true",
    help: "Whether logins use PKCE (S256).",
  },
  issInResponse: {
    ...OF_PROVIDER,
    variable: "TD_ISS_IN_RESPONSE",
    kind: "boolean",
    otherwise: "as the metadata says",
    help: "Whether the redirect must carry iss (RFC 9207).",
  },
  responseMode: {
    ...OF_PROVIDER,
    variable: "TD_RESPONSE_MODE",
    flag: "--response-mode",
    value: "mode",
    kind: "choice",
    choices: ["query", "form_post"],
    otherwise: "the provider's, else query",
    help: "How the provider returns the code.",
  },
  authorizationParameters: {
    ...PARAMETERS,
    variable: "TD_AUTHORIZATION_PARAMETERS",
    flag: "--auth-param",
    reserved: [
      "response_type",
      "response_mode",
      "client_id",
      "redirect_uri",
      "scope",
      "state",
      "nonce",
      "code_challenge",
      "code_challenge_method",
    ],
    help:
      "A parameter to add to the login page's URL; without a value it removes one of the provider's.",
  },
  exchangeParameters: {
    ...PARAMETERS,
    variable: "TD_EXCHANGE_PARAMETERS",
    flag: "--exchange-param",
    reserved: [...AT_TOKEN_ENDPOINT, "code", "redirect_uri", "code_verifier"],
    help: "A parameter to add when the code is exchanged for tokens.",
  },
  refreshParameters: {
    ...PARAMETERS,
    variable: "TD_REFRESH_PARAMETERS",
    flag: "--refresh-param",
    reserved: [...AT_TOKEN_ENDPOINT, "refresh_token", "scope"],
    help: "A parameter to add to every refresh.",
  },
  scopeSeparator: {
    ...OF_PROVIDER,
    variable: "TD_SCOPE_SEPARATOR",
    kind: "choice",
    choices: ["space", "comma"],
    otherwise: "the provider's, else space",
    help: "What separates scopes in the login page's URL.",
  },
  scopeAtRefresh: {
    ...OF_PROVIDER,
    variable: "TD_SCOPE_AT_REFRESH",
    flag: "--scope-at-refresh",
    value: "true|false",
    kind: "boolean",
    otherwise: "the provider's, else false",
    help: "Whether a refresh repeats the scope.",
  },
  renewalParameters: {
    ...PARAMETERS,
    variable: "TD_RENEWAL_PARAMETERS",
    reserved: [...AT_TOKEN_ENDPOINT, "refresh_token", "scope"],
    help: "Parameters of a refresh that ask for a new refresh token as well.",
  },
  renewalWithin: {
    ...OF_PROVIDER,
    variable: "TD_RENEWAL_WITHIN",
    kind: "seconds",
    otherwise: "at every refresh",
    help:
      "The seconds that a refresh token has left when a new one is asked for.",
  },
  consumerKeySuffix: {
    ...OF_PROVIDER,
    variable: "TD_CONSUMER_KEY_SUFFIX",
    kind: "text",
    otherwise: "the provider's",
    help: "A suffix of the app's key that users may leave out.",
  },
  accessTokenLifetime: {
    ...OF_PROVIDER,
    variable: "TD_ACCESS_TOKEN_LIFETIME",
    kind: "seconds",
    otherwise: "the provider's",
    help: "An access token's lifetime where the answer has none, in seconds.",
  },
  refreshTokens: {
    ...OF_PROVIDER,
    variable: "TD_REFRESH_TOKENS",
    kind: "choice",
    choices: ["always", "optional"],
    otherwise: "the provider's, else optional",
    help: "Whether every login brings a refresh token.",
  },
  refreshTokenLifetime: {
    ...OF_PROVIDER,
    variable: "TD_REFRESH_TOKEN_LIFETIME",
    kind: "seconds",
    otherwise: "the provider's, else unknown",
    help: "A refresh token's lifetime where the answer has none, in seconds.",
  },
  refreshTokenLifetimeFrom: {
    ...OF_PROVIDER,
    variable: "TD_REFRESH_TOKEN_LIFETIME_FROM",
    kind: "choice",
    choices: ["issue", "login"],
    otherwise: "the provider's, else issue",
    help: "What a refresh token's lifetime counts from.",
  },
  rotatesRefreshToken: {
    ...OF_PROVIDER,
    variable: "TD_ROTATES_REFRESH_TOKEN",
    kind: "boolean",
    otherwise: "the provider's, else true",
    help: "Whether a refresh may replace the refresh token.",
  },
  loginEndsOthers: {
    ...OF_PROVIDER,
    variable: "TD_LOGIN_ENDS_OTHERS",
    kind: "boolean",
    otherwise: "the provider's, else false",
    help: "Whether a new login ends the tokens of earlier ones.",
  },
  loginNeededErrors: {
    ...PARAMETERS,
    variable: "TD_LOGIN_NEEDED_ERRORS",
    help:
      "Errors of a refresh that mean a login is needed, each with a part of its description or nothing.",
  },
  httpsCallbackOnly: {
    ...OF_PROVIDER,
    variable: "TD_HTTPS_CALLBACK_ONLY",
    kind: "boolean",
    otherwise: "the provider's, else false",
    help: "Whether the provider accepts only https callback URLs.",
  },
  userAgent: {
    ...OF_PROVIDER,
    variable: "TD_USER_AGENT",
    kind: "header",
    otherwise: "the provider's, else the library's and the runtime's",
    help: "The User-Agent of requests to the provider and its API.",
  },
} as const satisfies Record<string, SettingRow>;
