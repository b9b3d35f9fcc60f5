import { Hint, type HintInput } from "./hint.ts";
import { shown } from "./shown.ts";

/**
 * What went wrong, as a stable code that a program can compare.
 *
 * | code | meaning |
 * |---|---|
 * | `invalid_options` | an option, flag, variable or settings file is wrong or missing |
 * | `invalid_client` | the broker does not accept the consumer key or secret |
 * | `login_needed` | only a login in a browser can get a token now |
 * | `login_denied` | the user or the broker denied access |
 * | `login_timeout` | the login was not completed in time |
 * | `login_cancelled` | the login was aborted by a signal or Ctrl-C |
 * | `login_failed` | the browser returned, but the login could not be completed |
 * | `broker_unavailable` | the broker is unreachable or returned a temporary error; tokens are kept |
 * | `unexpected_answer` | the broker's response does not follow the protocol |
 * | `port_in_use` | another program listens on the callback URL's port |
 * | `port_forbidden` | this user may not listen on the callback URL's port |
 * | `browser_failed` | no browser could be opened |
 * | `busy` | another process holds the lock on the same tokens and does not release it |
 * | `cache_unreadable` | the stored tokens cannot be read or written |
 * | `cache_corrupt` | the stored tokens are not in a known format; the file was moved aside |
 * | `cache_sealed` | the stored tokens are encrypted and the key is missing or wrong, or they are unencrypted and should not be |
 * | `forbidden_origin` | a token would have been sent to an origin other than the broker's API |
 * | `certificate_failed` | the certificate for the callback server cannot be generated, read or trusted |
 * | `token_file_failed` | another program's token file cannot be read or written |
 */
export type TdauthErrorCode =
  | "invalid_options"
  | "invalid_client"
  | "login_needed"
  | "login_denied"
  | "login_timeout"
  | "login_cancelled"
  | "login_failed"
  | "broker_unavailable"
  | "unexpected_answer"
  | "port_in_use"
  | "port_forbidden"
  | "browser_failed"
  | "busy"
  | "cache_unreadable"
  | "cache_corrupt"
  | "cache_sealed"
  | "forbidden_origin"
  | "certificate_failed"
  | "token_file_failed";

/** What may accompany a {@linkcode TdauthError}. */
export interface TdauthErrorOptions {
  /** What to do next, for people: words, or words with a command of tdauth, or several of these. */
  readonly hint?: HintInput;
  /** The error that caused this one. */
  readonly cause?: unknown;
}

/**
 * The one error class that tdauth throws, apart from `TypeError` and
 * `RangeError` for misuse. Its message says what could not be done and why, and
 * never contains a token, a secret or a control character. When nothing catches it, the runtime shows
 * its hint below the message.
 *
 * @example Tell a missing login from everything else
 * ```ts
 * import { authorize, MemCache, TdauthError } from "@tdauth/tdauth";
 *
 * try {
 *   await authorize({
 *     consumerKey: "KEY",
 *     callbackUrl: "http://localhost:8080",
 *     cache: new MemCache(),
 *     interactive: false,
 *   });
 * } catch (error) {
 *   if (!(error instanceof TdauthError)) throw error;
 *   if (error.code !== "login_needed") throw error;
 * }
 * ```
 */
export class TdauthError extends Error {
  /** The class's name, as for every built-in error. */
  override readonly name = "TdauthError";
  /** What went wrong, for programs. */
  readonly code: TdauthErrorCode;
  #hint: Hint | undefined;

  /**
   * Creates an error.
   *
   * @param code What went wrong, for programs.
   * @param message What could not be done and why, for people, without a final full stop.
   * @param options The hint and the cause.
   */
  constructor(
    code: TdauthErrorCode,
    message: string,
    options: TdauthErrorOptions = {},
  ) {
    // What a broker, a file or a name put into it may be printed by any program.
    super(
      shown(message),
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.code = code;
    if (options.hint !== undefined) {
      this.#hint = new Hint(options.hint);
      this.#showHint();
    }
  }

  /**
   * Adds the profile to the commands of an error's hint.
   *
   * @param error Any error; only a `TdauthError` with a hint is changed.
   * @param profile The profile.
   */
  static nameProfile(error: unknown, profile: string): void {
    if (error instanceof TdauthError) {
      error.#hint = error.#hint?.forProfile(profile);
    }
  }

  /** What to do next, for people: `String(error.hint)` is a line. */
  get hint(): Hint | undefined {
    return this.#hint;
  }

  /**
   * Puts the hint between the message and the frames of the stack: all that a
   * runtime shows of an error that nothing catches. Deno shows the stack only
   * where it has not made it itself, so `super`'s must not be read before.
   */
  #showHint(): void {
    const trace: { stack?: string } = {};
    Error.captureStackTrace(trace, TdauthError);
    const set = (value: unknown) => {
      Object.defineProperty(this, "stack", {
        value,
        writable: true,
        configurable: true,
      });
    };
    const get = () => {
      const frames = (trace.stack ?? "").split("\n")
        .filter((line) => /^ +at /.test(line));
      const head = `${this.name}: ${this.message}\nhint: ${this.#hint}`;
      return [head, ...frames].join("\n");
    };
    Object.defineProperty(this, "stack", { get, set, configurable: true });
  }
}

/** Whether an error is transient, so that a token which is still valid is good enough. */
export function isTransient(error: unknown): boolean {
  return error instanceof TdauthError &&
    (error.code === "broker_unavailable" || error.code === "busy");
}
