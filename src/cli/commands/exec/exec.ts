import { childEnvironment } from "../../../system/child_environment.ts";
import { TdauthError } from "../../../base/errors.ts";
import { SECRET_VARIABLES } from "../../../settings/variable_table.ts";
import {
  type ChildProgram,
  startProgram,
} from "../../../system/child_program.ts";
import type { Signal } from "../../../system/signals.ts";
import {
  isDenied,
  isNotFound,
  isNotPermitted,
} from "../../../system/system_error.ts";
import { passSignalsOn } from "./child_signals.ts";
import type { Io } from "../../terminal/io.ts";
import { ExitWith } from "../../terminal/exit_code.ts";

/** A shell's exit codes when a command is not found, or cannot be run. */
const NOT_FOUND = 127;
const NOT_RUN = 126;
/** Callers such as a shell or systemd tell these apart from failures; other signals would only dump this program's memory. */
const DIES_OF: readonly Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a command with an access token in its environment and ends as it does.
 *
 * @param io The world around it.
 * @param token The token.
 * @param expiry When it expires, in seconds since the epoch; `Infinity` when that is unknown.
 * @param program The command.
 * @param args Its arguments.
 * @throws {ExitWith} With the command's exit code.
 */
export async function runWithToken(
  io: Io,
  token: string,
  expiry: number,
  program: string,
  args: readonly string[],
): Promise<void> {
  io.signal.throwIfAborted();

  const signals = passSignalsOn(io);
  let child: ChildProgram;
  try {
    child = startProgram(program, args, {
      environment: childEnvironment("command", {
        secrets: SECRET_VARIABLES,
        set: {
          TD_ACCESS_TOKEN: token,
          TD_ACCESS_TOKEN_EXPIRES_AT: Number.isFinite(expiry)
            ? String(Math.floor(expiry))
            : "",
        },
      }),
      stdio: "inherit",
    });
  } catch (error) {
    throw notStarted(program, error);
  }
  signals.to(child);
  const { code, signal } = await child.ended;
  signals.end();
  const fatal = DIES_OF.find((one) => one === signal);
  if (fatal !== undefined) await io.signals.dieOf(fatal);
  throw new ExitWith(code);
}

/** Distinguishes a missing command from one that cannot be run, as a shell does. */
function notStarted(program: string, error: unknown): ExitWith {
  const missing = isNotFound(error);
  const why = missing
    ? "command not found"
    : isDenied(error)
    ? "it is not executable"
    : isNotPermitted(error)
    ? "this program lacks the permission (--allow-run)"
    : "the system cannot start it";
  return new ExitWith(
    missing ? NOT_FOUND : NOT_RUN,
    new TdauthError("invalid_options", `Cannot run "${program}": ${why}`, {
      hint: missing
        ? {
          text: "pass the command and its arguments as separate words, like",
          command: ["exec", "--", "ls", "-l"],
        }
        : `check that you have permission to execute "${program}"`,
      cause: error,
    }),
  );
}
