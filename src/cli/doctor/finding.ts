import type { HintInput } from "../../base/hint.ts";
import { TdauthError } from "../../base/errors.ts";

/** How bad it is. */
export type State = "ok" | "warning" | "failed";

/** What one check found. */
export interface Finding {
  /** What was looked at, in a word or two. */
  readonly check: string;
  /** How bad it is. */
  readonly state: State;
  /** What is so, without a final full stop; never a secret. */
  readonly what: string;
  /** What to do about it. */
  readonly fix?: HintInput;
  /** The command that does it: the words of one of tdauth's, or another program's as it is typed. */
  readonly command?: readonly string[] | string;
}

/** A finding as the user of this command reads it. */
export interface ShownFinding extends Omit<Finding, "fix" | "command"> {
  /** What to do about it. */
  readonly fix?: string;
  /** The command that does it, to be copied as it is. */
  readonly command?: string;
}

/** What to do about a finding: in words, and as a command where one does it. */
export type Fix = Pick<Finding, "fix" | "command">;

/** A finding of something that is as it should be. */
export function ok(check: string, what: string): Finding {
  return { check, state: "ok", what };
}

/** A finding of something that works and yet may go wrong. */
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

/** A finding in the words of the error that a command would end with. */
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
