import type { HintInput } from "../../base/hint.ts";
import { TdauthError } from "../../base/errors.ts";

/** How bad it is. */
export type State = "ok" | "warning" | "failed";

/** What one check found. */
export interface Finding {
  /** What was checked, in a word or two. */
  readonly check: string;
  /** How bad it is. */
  readonly state: State;
  /** The result, without a final period; never a secret. */
  readonly what: string;
  /** What to do about it. */
  readonly fix?: HintInput;
  /** The command that does it: the words of a tdauth command, or another program's command line. */
  readonly command?: readonly string[] | string;
}

/** A finding as it is shown to the user. */
export interface ShownFinding extends Omit<Finding, "fix" | "command"> {
  /** What to do about it. */
  readonly fix?: string;
  /** The command that does it, to be copied as it is. */
  readonly command?: string;
}

/** How to fix a finding: in words, and as a command if there is one. */
export type Fix = Pick<Finding, "fix" | "command">;

/** A finding of something that is all right. */
export function ok(check: string, what: string): Finding {
  return { check, state: "ok", what };
}

/** A finding of something that works but may fail. */
export function warning(
  check: string,
  what: string,
  remedy: Fix = {},
): Finding {
  return { check, state: "warning", what, ...remedy };
}

/** A finding of something that does not work. */
export function failed(
  check: string,
  what: string,
  remedy: Fix = {},
): Finding {
  return { check, state: "failed", what, ...remedy };
}

/** A finding with the message and hint of the error that a command would end with. */
export function failedWith(check: string, error: unknown): Finding {
  const { message } = error instanceof Error ? error : new Error(String(error));
  return failed(
    check,
    message.charAt(0).toLowerCase() + message.slice(1),
    error instanceof TdauthError && error.hint !== undefined
      ? { fix: error.hint.steps }
      : {},
  );
}
