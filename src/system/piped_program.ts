import type { ChildEnvironment } from "./child_environment.ts";
import type { ChildEnd } from "./child_program.ts";
import type { ProgramCall } from "./run_program.ts";
import type { Signal } from "./signals.ts";

/** A program with which this process talks while it runs. */
export interface PipedProgram {
  /** What it writes to stdout. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What it writes to stderr. */
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Resolves when it has ended. */
  readonly ended: Promise<ChildEnd>;
  /** Writes to its stdin; does nothing when it no longer reads. */
  readonly write: (text: string) => Promise<void>;
  /** Ends its stdin. */
  readonly closeInput: () => Promise<void>;
  /** Sends it a signal; does nothing after its end. */
  readonly kill: (signal: Signal) => void;
}

/**
 * Starts a program whose standard streams are pipes to this process. It stays in
 * the terminal's session, so that it can ask its user there.
 *
 * @param call The program; its `input` is ignored.
 * @param environment Its environment.
 * @returns The program.
 * @throws {Error} When there is none of that name, or it cannot be run.
 */
export function startPiped(
  { program, args }: Omit<ProgramCall, "input">,
  environment: ChildEnvironment,
): PipedProgram {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...environment,
  }).spawn();
  const input = child.stdin.getWriter();
  input.closed.catch(() => {}); // it may end without reading all
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended: child.status.then(({ code, signal }) => ({
      code,
      signal: signal ?? undefined,
    })),
    write: (text) =>
      input.write(new TextEncoder().encode(text)).catch(() => {}),
    closeInput: () => input.close().catch(() => {}),
    kill: (signal) => {
      try {
        child.kill(signal);
      } catch {
        // It has just ended.
      }
    },
  };
}
