import { TdauthError } from "../../base/errors.ts";
import { missingPackage } from "../../base/missing_package.ts";
import type { Command } from "../grammar/command.ts";
import { exitCode } from "./exit_code.ts";
import { OutputError } from "./io.ts";
import { isVerbose, wantsJson, writeJson } from "./output.ts";
import { shown } from "../../base/shown.ts";
import { styleOf } from "./style.ts";
import { hintCommand, hintText } from "./hint_text.ts";

/**
 * Prints a line that says what failed and why, and one with the hint. With `--json`
 * also prints both on stdout, unless the result is there already: it is one value.
 *
 * @param command The command, as far as it was parsed.
 * @param error What ended the command.
 * @param answered Whether something is on stdout already.
 * @returns The exit code.
 */
export function report(
  command: Command,
  error: unknown,
  answered: boolean,
): number {
  const { io } = command;
  const { red, bold, dim } = styleOf(io, "err", wantsJson(command));
  const known = error instanceof TdauthError;
  const message = missingPackage(error)?.message ??
    (error instanceof Error ? error.message : String(error));
  const hint = hintFor(command, error);
  const line = known || message.startsWith("Cannot ")
    ? message.charAt(0).toLowerCase() + message.slice(1)
    : `unexpected error: ${message}`;
  io.err(`${red("tdauth:")} ${shown(line)}\n`);
  if (hint !== undefined) io.err(`${bold("hint:")} ${shown(hint)}\n`);
  if (isVerbose(command)) {
    for (
      let cause = error instanceof Error ? error.cause : undefined;
      cause instanceof Error;
      cause = cause.cause
    ) {
      io.err(dim(`cause: ${cause.name}: ${shown(cause.message)}\n`));
    }
    if (!known && error instanceof Error && error.stack !== undefined) {
      io.err(dim(`${error.stack}\n`));
    }
  }
  if (wantsJson(command) && !answered) {
    writeJson(io, {
      error: {
        code: known ? error.code : "unexpected",
        message,
        hint: hint ?? null,
        command: known && error.hint
          ? hintCommand(command, error.hint) ?? null
          : null,
      },
    });
  }
  return exitCode(error);
}

function hintFor(
  command: Command,
  error: unknown,
): string | undefined {
  if (error instanceof TdauthError) {
    return error.hint && hintText(command, error.hint);
  }
  if (error instanceof OutputError) return "check what it points to";
  const missing = missingPackage(error);
  if (missing !== undefined) return missing.hint;
  return isVerbose(command)
    ? undefined
    : "run it again with --verbose to see the causes";
}
