import { TdauthError } from "./errors.ts";
import type { HintInput } from "./hint.ts";

/**
 * Returns an error again with another hint, where the first one is for another
 * reader or no longer true.
 *
 * @param error The error.
 * @param hint What to do next.
 * @param newCause The cause of the new error. @default {that of the old one}
 * @returns The error with that hint.
 */
export function withHint(
  { code, message, cause }: TdauthError,
  hint: HintInput,
  newCause: unknown = cause,
): TdauthError {
  return new TdauthError(code, message, {
    hint,
    ...(newCause !== undefined && { cause: newCause }),
  });
}
