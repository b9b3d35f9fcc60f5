import type { ChildEnvironment } from "./child_environment.ts";
import type { Signal } from "./signals.ts";

/** Options of {@linkcode startProgram}. */
export interface StartOptions {
  /** Its environment. */
  readonly environment: ChildEnvironment;
  /** Its standard streams: this process's, or none. */
  readonly stdio: "inherit" | "null";
  /** Whether its stderr is discarded, whatever `stdio` says. @default {false} */
  readonly silent?: boolean;
  /** Whether it has a session of its own, which Ctrl-C in the terminal does not end, and outlives this process. @default {false} */
  readonly detached?: boolean;
}

/** How a program ended. */
export interface ChildEnd {
  /** Its exit code; 128 and the signal's number when a signal ended it. */
  readonly code: number;
  /** The signal that ended it. */
  readonly signal: string | undefined;
}

/** A program that was started. */
export interface ChildProgram {
  /** Resolves when it has ended. */
  readonly ended: Promise<ChildEnd>;
  /** Sends it a signal; does nothing after its end. */
  readonly kill: (signal: Signal) => void;
}

/**
 * Starts a program and leaves it running. No shell sees its arguments.
 *
 * @param program Its name or path.
 * @param args Its arguments.
 * @param options What it inherits from this process.
 * @returns The program.
 * @throws {Error} When there is none of that name, or it cannot be run.
 */
export function startProgram(
  program: string,
  args: readonly string[],
  { environment, stdio, silent = false, detached = false }: StartOptions,
): ChildProgram {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: stdio,
    stdout: stdio,
    stderr: silent ? "null" : stdio,
    ...(detached && { detached }),
    ...environment,
  }).spawn();
  if (detached) child.unref();
  return {
    ended: child.status.then(({ code, signal }) => ({
      code,
      signal: signal ?? undefined,
    })),
    kill: (signal) => {
      try {
        child.kill(signal);
      } catch {
        // It has just ended.
      }
    },
  };
}

/**
 * Runs one of the system's own programs, such as `cat`, which ends at once. It
 * blocks the event loop until then. Its stderr is discarded.
 *
 * @param program Its name.
 * @param args Its arguments.
 * @param environment Its environment.
 * @returns Its stdout.
 * @throws {Error} When there is none of that name, or it cannot be run.
 */
export function outputOf(
  program: string,
  args: readonly string[],
  environment: ChildEnvironment,
): string {
  const { stdout } = new Deno.Command(program, {
    args: [...args],
    stderr: "null",
    ...environment,
  }).outputSync();
  return new TextDecoder().decode(stdout);
}
