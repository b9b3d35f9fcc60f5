/** An authorization server that this project did not write, as the suite sees it. */

/** A client as an administrator registers it. */
export interface Client {
  /** Its id. */
  readonly id: string;
  /** Its secret. */
  readonly secret: string;
}

/** How a server is started. */
export interface StartOptions {
  /** The clients to register. */
  readonly clients: readonly Client[];
  /** The callback URL of each. */
  readonly callbackUrl: string;
  /** How long an access token lives, in seconds. */
  readonly accessTokenLife: number;
}

/** What the server's own tables, events or log say of one client. */
export interface Records {
  /** Refreshes that the server granted. */
  readonly refreshed: number;
  /** Its refresh tokens that the server would still accept. */
  readonly live: number;
}

/**
 * How a user logs in there: by a form of HTML, by one whose users are those of
 * LemonLDAP::NG's demonstration, or by a script in the page that calls an API.
 */
export type LoginForm = "html" | "lemonldap" | "glewlwyd";

/** A running server. */
export interface RealServer extends AsyncDisposable {
  /** The environment variables by which a user names it: its issuer, or its endpoints where it has no metadata. */
  readonly settings: Readonly<Record<string, string>>;
  /** Its token endpoint. */
  readonly tokenEndpoint: string;
  /** The ids of clients that it refused to register. */
  readonly refused: readonly string[];
  /** Returns what the server recorded of a client since its start. */
  records(client: Client): Promise<Records>;
  /** How many requests its token endpoint rejected, as its own log or events have it. */
  rejected(): Promise<number>;
  /** Whether the server accepts an access token. */
  accepts(accessToken: string): Promise<boolean>;
  /** Ends all logins of a client, as an administrator does. */
  endLogins(client: Client): Promise<void>;
}

/** A server that can be started, and how it deviates. */
export interface ServerKind {
  /** Its name. */
  readonly name: string;
  /** Whether this machine has it. */
  readonly present: boolean;
  /** The scope to request, where the default brings no refresh token. */
  readonly scope?: string;
  /** How its user logs in. */
  readonly form: LoginForm;
  /** What a refresh does to the refresh token, and the use of an old one to the login. */
  readonly reuse: "same token" | "old one refused" | "login ended";
  /** Whether it issues id_tokens, so that tdauth knows who has logged in. @default {false} */
  readonly identifies?: boolean;
  /** Whether it has a revocation endpoint. */
  readonly revokes: boolean;
  /** Characters that it refuses to register in an id or a secret, of those that the suite tries. */
  readonly refuses?: string;
  /** Starts it. */
  start(options: StartOptions): Promise<RealServer>;
}
