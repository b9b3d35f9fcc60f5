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
   * The broker: schwab, tdameritrade or an issuer's URL. Or an object of your
   * own. `TD_PROVIDER`.
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
  /** Whether a login may be started; else `login_needed` is thrown. @default {true} */
  readonly interactive?: boolean;
  /** An access token with less than this many seconds left is refreshed. @default {60} */
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
