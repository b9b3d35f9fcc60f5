/** Which broker the practice broker behaves like. */
export type SandboxBroker = "schwab" | "tdameritrade";

/** Options of {@linkcode startSandbox}. All lifetimes are in seconds. */
export interface SandboxOptions {
  /** Which broker to behave like. @default {"schwab"} */
  readonly broker?: SandboxBroker;
  /** The port on 127.0.0.1; 0 uses any free one. @default {0} */
  readonly port?: number;
  /**
   * The registered app's consumer key. At TD Ameritrade its client id ends in
   * `@AMER.OAUTHAP`, which is added if missing.
   * @default {"SANDBOX-APP" at Schwab, "SANDBOX@AMER.OAUTHAP" at TD Ameritrade}
   */
  readonly consumerKey?: string;
  /**
   * The registered app's secret; only Schwab has one.
   * @default {"SANDBOX-SECRET"}
   */
  readonly consumerSecret?: string;
  /**
   * The registered callback URL, matched exactly. Schwab accepts only https
   * URLs; http is accepted here too, so that a test needs no certificate. Its
   * port 0 becomes a free one: see `app.callbackUrl` of the practice broker.
   * @default {"https://127.0.0.1:8182" at Schwab, "http://localhost:8080" at TD Ameritrade}
   */
  readonly callbackUrl?: string;
  /** How long an access token lives. @default {1800} */
  readonly accessTokenLifetime?: number;
  /**
   * How long a refresh token lives: at Schwab from the login, at TD Ameritrade
   * from its issue.
   * @default {604800 (7 days) at Schwab, 7776000 (90 days) at TD Ameritrade}
   */
  readonly refreshTokenLifetime?: number;
  /**
   * What a refresh does to the refresh token.
   *
   * - `none`: it stays valid.
   * - `rotate`: a new one is issued and the old one is revoked.
   * - `kill`: as `rotate`, and a client that presents the old one again revokes every
   *   token of that login (reuse detection, RFC 9700 §4.14.2).
   *
   * At TD Ameritrade a new refresh token is issued only to a request with
   * `access_type=offline`.
   * @default {"none"}
   */
  readonly rotation?: "none" | "rotate" | "kill";
  /**
   * Which of the two errors that Schwab's users report an invalid refresh token gets.
   * @default {"unsupported_token_type"}
   */
  readonly deadRefreshToken?: "unsupported_token_type" | "invalid_client";
  /**
   * Whether the app is ready, or still waits for the broker's approval: then the
   * login ends in an error page and the token endpoint returns 401.
   * @default {"ready"}
   */
  readonly appStatus?: "ready" | "pending";
  /**
   * Milliseconds since the epoch; the base of the sandbox's clock.
   * @default {Date.now}
   */
  readonly now?: () => number;
  /** Closes the sandbox when it is aborted. */
  readonly signal?: AbortSignal;
}

/** An app registered with the practice broker; fits `authorize()`. */
export interface SandboxApp {
  /** The app's OAuth client ID. */
  readonly consumerKey: string;
  /** The app's secret; absent at TD Ameritrade, which has none. */
  readonly consumerSecret?: string;
  /** The only accepted callback URL, matched exactly. */
  readonly callbackUrl: string;
}

/** The user of the practice broker. */
export interface SandboxUser {
  /** The user name. */
  readonly name: string;
  /** The password; made up, and shown on the login page. */
  readonly password: string;
}

/** A planned fault; for {@linkcode Sandbox.failNext}. */
export interface SandboxFault {
  /** Which requests it affects. @default {"token"} */
  readonly endpoint?: "token" | "api" | "authorize";
  /**
   * The status to return, instead of processing the request.
   * @default {503, when neither `body`, `cut` nor `delayMs` is given; else 200}
   */
  readonly status?: number;
  /** The body to return, instead of processing the request. @default {an HTML page} */
  readonly body?: string;
  /** The body's media type. @default {"text/html"} */
  readonly contentType?: string;
  /** More headers of the response: `{"retry-after": "2"}`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How many requests it affects. @default {1} */
  readonly times?: number;
  /**
   * Whether the request is processed and then the connection dropped without a response.
   * @default {false}
   */
  readonly cut?: boolean;
  /**
   * How long the response is delayed, in milliseconds of real time, after the
   * request is processed.
   * @default {0}
   */
  readonly delayMs?: number;
}

/** One request that the practice broker has processed, without its secrets. */
export interface SandboxRequest {
  /** When it arrived, in milliseconds since the epoch on the sandbox's clock. */
  readonly time: number;
  /** The HTTP method. */
  readonly method: string;
  /** The path, without the query, at most 200 characters of it. */
  readonly path: string;
  /** Which part of the broker handled it. */
  readonly endpoint: "authorize" | "token" | "api" | "other";
  /** The response's status; 0 when the connection was cut. */
  readonly status: number;
  /** The token endpoint's `grant_type`; `other` for an unknown one. */
  readonly grantType?:
    | "authorization_code"
    | "refresh_token"
    | "client_credentials"
    | "other";
  /** Why it was rejected, which the real broker would not tell. */
  readonly reason?: string;
}
