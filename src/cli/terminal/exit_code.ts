import { TdauthError, type TdauthErrorCode } from "../../base/errors.ts";
import { missingPackage } from "../../base/missing_package.ts";

/** The exit codes of the command. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  loginNeeded: 3,
  loginNotCompleted: 4,
  unavailable: 5,
  busy: 6,
} as const;

/** A shell's exit code for a program that Ctrl-C has ended. */
export const INTERRUPTED = 130;

const BY_CODE: Readonly<Record<TdauthErrorCode, number>> = {
  invalid_options: EXIT.usage,
  invalid_client: EXIT.usage,
  login_needed: EXIT.loginNeeded,
  login_denied: EXIT.loginNotCompleted,
  login_timeout: EXIT.loginNotCompleted,
  login_cancelled: EXIT.loginNotCompleted,
  login_failed: EXIT.loginNotCompleted,
  broker_unavailable: EXIT.unavailable,
  unexpected_answer: EXIT.failed,
  port_in_use: EXIT.failed,
  port_forbidden: EXIT.failed,
  browser_failed: EXIT.failed,
  busy: EXIT.busy,
  cache_unreadable: EXIT.failed,
  cache_corrupt: EXIT.failed,
  cache_sealed: EXIT.failed,
  forbidden_origin: EXIT.usage,
  certificate_failed: EXIT.failed,
  token_file_failed: EXIT.failed,
};

/** Returns the exit code of an error. */
export function exitCode(error: unknown): number {
  if (missingPackage(error) !== undefined) return EXIT.unavailable;
  return error instanceof TdauthError ? BY_CODE[error.code] : EXIT.failed;
}

/** Thrown by a command that exits with a specific code. */
export class ExitWith {
  /** The exit code. */
  readonly code: number;
  /** The error to print, if any. */
  readonly error: TdauthError | undefined;

  /**
   * @param code The exit code.
   * @param error The error to print, if any.
   */
  constructor(code: number, error?: TdauthError) {
    this.code = code;
    this.error = error;
  }
}
