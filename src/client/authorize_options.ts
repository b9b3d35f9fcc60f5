import type { TokenCache } from "../cache/token_cache.ts";
import type { Log } from "../base/log.ts";
import type { LoginEvent } from "../login/login_event.ts";
import type { Provider } from "../providers/provider.ts";
import type { ProviderName } from "../providers/provider_name.ts";

/**
 * Options of {@linkcode authorize}. Every option with a variable may be left
 * out: it then comes from the environment, from `.env` in the working directory,
 * or from the profile in `config.json`, in that order.
 */
export interface AuthorizeOptions {
  // begin settings: `tools/check_tables.ts --write` makes these of their table
  /**
   * The broker: questrade, schwab, tastytrade, tdameritrade, tradestation or
   * an issuer's URL. With endpoints of its own any other word. Or an object
   * of your own. `TD_PROVIDER`.
   * @default {schwab for an app with a secret, tdameritrade for one without}
   */
  readonly provider?: ProviderName | Provider;
  /** The app's key, its OAuth client ID. `TD_CONSUMER_KEY`. */
  readonly consumerKey?: string;
  /**
   * The app's OAuth client secret, where the broker issued one.
   * `TD_CONSUMER_SECRET`.
   */
  readonly consumerSecret?: string;
  /**
   * A file that holds the app's secret, such as a mounted one, in place of
   * TD_CONSUMER_SECRET. `TD_CONSUMER_SECRET_FILE`.
   * @default {systemd's credential tdauth-consumer-secret, where the unit has one}
   */
  readonly consumerSecretFile?: string;
  /** The callback URL, exactly as registered. `TD_CALLBACK_URL`. */
  readonly callbackUrl?: string;
  /**
   * The scope to ask for, values separated by spaces. `TD_SCOPE`.
   * @default {the provider's}
   */
  readonly scope?: string;
  /**
   * The URL of a practice broker to use in place of the broker. `TD_SANDBOX`.
   */
  readonly sandbox?: string;
  /**
   * The provider's login page, where it has no metadata.
   * `TD_AUTHORIZATION_ENDPOINT`.
   * @default {the provider's}
   */
  readonly authorizationEndpoint?: string;
  /**
   * The provider's token endpoint, where it has no metadata.
   * `TD_TOKEN_ENDPOINT`.
   * @default {the provider's}
   */
  readonly tokenEndpoint?: string;
  /**
   * Where the provider revokes tokens. `TD_REVOCATION_ENDPOINT`.
   * @default {the provider's}
   */
  readonly revocationEndpoint?: string;
  /**
   * Where the provider starts a login with a code on another device.
   * `TD_DEVICE_AUTHORIZATION_ENDPOINT`.
   * @default {the provider's}
   */
  readonly deviceAuthorizationEndpoint?: string;
  /**
   * The origin of the API, the only one that tokens are sent to.
   * `TD_API_ORIGIN`.
   * @default {the provider's, of an issuer its own}
   */
  readonly apiOrigin?: string;
  /**
   * An entry of the token answer that names the API's origin, with its domain
   * (instance_url=example.com). `TD_API_ORIGIN_FROM`.
   * @default {the provider's}
   */
  readonly apiOriginFrom?: Readonly<Record<string, string>>;
  /**
   * What messages call the provider. `TD_PROVIDER_NAME`.
   * @default {the provider's}
   */
  readonly providerName?: string;
  /**
   * How the app authenticates at the token endpoint.
   * `TD_CLIENT_AUTHENTICATION`.
   * @default {the provider's}
   */
  readonly clientAuthentication?:
    | "none"
    | "client_secret_basic"
    | "client_secret_raw_basic"
    | "client_secret_post";
  /**
   * Whether logins use PKCE (S256). `TD_PKCE`.
   * @default {the provider's, else true}
   */
  readonly pkce?: boolean;
  /**
   * Whether the redirect must carry iss (RFC 9207). `TD_ISS_IN_RESPONSE`.
   * @default {as the metadata says}
   */
  readonly issInResponse?: boolean;
  /**
   * How the provider returns the code. `TD_RESPONSE_MODE`.
   * @default {the provider's, else query}
   */
  readonly responseMode?: "query" | "form_post";
  /**
   * A parameter to add to the login page's URL; without a value it removes
   * one of the provider's. `TD_AUTHORIZATION_PARAMETERS`.
   */
  readonly authorizationParameters?: Readonly<Record<string, string>>;
  /**
   * A parameter to add when the code is exchanged for tokens.
   * `TD_EXCHANGE_PARAMETERS`.
   */
  readonly exchangeParameters?: Readonly<Record<string, string>>;
  /** A parameter to add to every refresh. `TD_REFRESH_PARAMETERS`. */
  readonly refreshParameters?: Readonly<Record<string, string>>;
  /**
   * What separates scopes in the login page's URL. `TD_SCOPE_SEPARATOR`.
   * @default {the provider's, else space}
   */
  readonly scopeSeparator?: "space" | "comma";
  /**
   * Whether a refresh repeats the scope. `TD_SCOPE_AT_REFRESH`.
   * @default {the provider's, else false}
   */
  readonly scopeAtRefresh?: boolean;
  /**
   * Parameters of a refresh that ask for a new refresh token as well.
   * `TD_RENEWAL_PARAMETERS`.
   */
  readonly renewalParameters?: Readonly<Record<string, string>>;
  /**
   * The seconds that a refresh token has left when a new one is asked for.
   * `TD_RENEWAL_WITHIN`.
   * @default {at every refresh}
   */
  readonly renewalWithin?: number;
  /**
   * A suffix of the app's key that users may leave out.
   * `TD_CONSUMER_KEY_SUFFIX`.
   * @default {the provider's}
   */
  readonly consumerKeySuffix?: string;
  /**
   * An access token's lifetime where the answer has none, in seconds.
   * `TD_ACCESS_TOKEN_LIFETIME`.
   * @default {the provider's}
   */
  readonly accessTokenLifetime?: number;
  /**
   * Whether every login brings a refresh token. `TD_REFRESH_TOKENS`.
   * @default {the provider's, else optional}
   */
  readonly refreshTokens?: "always" | "optional";
  /**
   * A refresh token's lifetime where the answer has none, in seconds.
   * `TD_REFRESH_TOKEN_LIFETIME`.
   * @default {the provider's, else unknown}
   */
  readonly refreshTokenLifetime?: number;
  /**
   * What a refresh token's lifetime counts from.
   * `TD_REFRESH_TOKEN_LIFETIME_FROM`.
   * @default {the provider's, else issue}
   */
  readonly refreshTokenLifetimeFrom?: "issue" | "login";
  /**
   * Whether a refresh may replace the refresh token.
   * `TD_ROTATES_REFRESH_TOKEN`.
   * @default {the provider's, else true}
   */
  readonly rotatesRefreshToken?: boolean;
  /**
   * Whether a new login ends the tokens of earlier ones.
   * `TD_LOGIN_ENDS_OTHERS`.
   * @default {the provider's, else false}
   */
  readonly loginEndsOthers?: boolean;
  /**
   * Errors of a refresh that mean a login is needed, each with a part of its
   * description or nothing. `TD_LOGIN_NEEDED_ERRORS`.
   */
  readonly loginNeededErrors?: Readonly<Record<string, string>>;
  /**
   * Whether the provider accepts only https callback URLs.
   * `TD_HTTPS_CALLBACK_ONLY`.
   * @default {the provider's, else false}
   */
  readonly httpsCallbackOnly?: boolean;
  /**
   * The User-Agent of requests to the provider and its API. `TD_USER_AGENT`.
   * @default {the provider's, else the library's and the runtime's}
   */
  readonly userAgent?: string;
  /**
   * A TLS certificate of your own for an https callback, a PEM file.
   * `TD_CERT_FILE`.
   * @default {one is made and kept}
   */
  readonly certFile?: string;
  /** The private key of that certificate, a PEM file. `TD_KEY_FILE`. */
  readonly keyFile?: string;
  /**
   * Which of several sets of settings and tokens to use. `TD_PROFILE`.
   * @default {"default"}
   */
  readonly profile?: string;
  /**
   * The configuration directory. `TD_CONFIG_DIR`.
   * @default {the platform's directory}
   */
  readonly configDir?: string;
  /**
   * The directory of the token files, where the configuration directory is
   * read-only or shared. `TD_TOKEN_DIR`.
   * @default {the configuration directory}
   */
  readonly tokenDir?: string;
  /**
   * Where this profile's access tokens come from, so that no refresh token is
   * here: ssh://user@host, or the path of a Unix socket of tdauth serve.
   * `TD_KEEPER`.
   * @default {tokens are kept here}
   */
  readonly keeper?: string;
  /**
   * How tdauth is called on the machine that ssh connects to, words separated
   * by spaces, such as /home/me/.deno/bin/tdauth. `TD_REMOTE_COMMAND`.
   * @default {"tdauth"}
   */
  readonly remoteCommand?: string;
  /**
   * Whether tokens are kept on disk; without, they stay in memory only, and
   * each program needs a login of its own. `TD_STORE_TOKENS`.
   * @default {true}
   */
  readonly storeTokens?: boolean;
  /**
   * The least important messages to show: debug, info, warning, error.
   * `TD_LOG_LEVEL`.
   * @default {"info"}
   */
  readonly logLevel?: "debug" | "info" | "warning" | "error";
  // end settings
  /** Where the tokens are kept, instead of `storeTokens`. */
  readonly cache?: TokenCache;
  /**
   * Whether a login may be started; else `login_needed` is thrown. If unset, one
   * is started where a person could see it: there is a terminal or a screen, or
   * `openUrl`, `pastedUrls`, `onEvent` or `device` is set.
   * @default {whether a person could see it}
   */
  readonly interactive?: boolean;
  /**
   * An access token with less than this many seconds left is refreshed.
   * @default {60, or a tenth of the token's lifetime where that is less}
   */
  readonly minValid?: number;
  /** How long the user has for a login, in seconds. @default {300} */
  readonly loginTimeout?: number;
  /**
   * Whether the user logs in with a code on another device (RFC 8628), which
   * needs no callback URL; `onEvent` receives the code and the page.
   * @default {only where no browser can be opened and the provider offers it}
   */
  readonly device?: boolean;
  /** Shows the broker's page to the user. @default {opens the system's browser} */
  readonly openUrl?: (url: string) => void | Promise<void>;
  /** Redirect URLs that the user pastes, one a line. @default {none} */
  readonly pastedUrls?: AsyncIterable<string>;
  /** Hears of a login's progress. @default {it is written to the log} */
  readonly onEvent?: (event: LoginEvent) => void;
  /** Takes messages, which hold no secrets. @default {stderr} */
  readonly log?: Log;
  /** The `fetch` for all requests. @default {globalThis.fetch} */
  readonly fetch?: typeof fetch;
  /** The clock, in milliseconds since the epoch. @default {Date.now} */
  readonly now?: () => number;
  /** Ends the requests, the waiting and the login. */
  readonly signal?: AbortSignal;
}
