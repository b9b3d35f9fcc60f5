import type { ApproveOptions } from "./approve.ts";
import type {
  SandboxApp,
  SandboxBroker,
  SandboxFault,
  SandboxRequest,
  SandboxUser,
} from "./sandbox_options.ts";

/** A running practice broker; {@linkcode startSandbox} makes one. */
export interface Sandbox extends AsyncDisposable {
  /** Its origin: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The broker it behaves like. */
  readonly broker: SandboxBroker;
  /** The authorization endpoint: a URL for a `Provider`. */
  readonly authorizationEndpoint: string;
  /** The token endpoint: a URL for a `Provider`. */
  readonly tokenEndpoint: string;
  /** The registered app; spread it into `authorize()`. */
  readonly app: SandboxApp;
  /** The user. */
  readonly user: SandboxUser;
  /**
   * The requests so far, oldest first: at most the last 1,000, a snapshot, and
   * without tokens, codes and secrets. The home page and the control endpoints
   * are left out.
   */
  readonly requests: readonly SandboxRequest[];
  /** The time on the sandbox's clock, in milliseconds since the epoch. */
  now(): number;
  /**
   * Moves the sandbox's clock.
   *
   * @param seconds How far; negative moves it back.
   * @throws {RangeError} when `seconds` is not a finite number.
   */
  advance(seconds: number): void;
  /**
   * Plays the user, on this sandbox and with its user's name and password: see
   * {@linkcode approve}. It needs no `this`, so it can be passed as a function.
   *
   * @param url The authorization URL.
   * @param options What the user decides, and what ends it.
   * @returns When the callback URL has responded.
   */
  readonly approve: (
    url: string,
    options?: Pick<ApproveOptions, "decision" | "signal">,
  ) => Promise<void>;
  /**
   * Plays the user up to the redirect and returns the URL that the browser
   * would show then, as if to paste it: see
   * {@linkcode approveAndCopy}. It needs no `this`.
   *
   * @param url The authorization URL.
   * @param options What the user decides, and what ends it.
   * @returns The callback URL with its code.
   */
  readonly approveAndCopy: (
    url: string,
    options?: Pick<ApproveOptions, "decision" | "signal">,
  ) => Promise<string>;
  /**
   * Lets the next request to an endpoint fail. Faults queue up; each is used
   * `times` times.
   *
   * @param fault The fault; by default, the token endpoint returns 503 with an HTML page.
   * @throws {RangeError} when a number in it is invalid.
   */
  failNext(fault?: SandboxFault): void;
  /** Revokes every token, code and browser session, as a password change does. */
  revokeAll(): void;
  /**
   * Stops the server and frees its port, even with open connections. Closing
   * twice does no harm.
   *
   * @returns When the port is free.
   */
  close(): Promise<void>;
}
