/** A program to run: no shell sees its arguments, and none of them is a secret. */
export interface ProgramCall {
  /** Its name or path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Its stdin; the only place for a secret. @default {nothing} */
  readonly input?: string;
}

/** How a program ended. */
export interface ProgramResult {
  /** Its exit code; -1 when it was killed. */
  readonly code: number;
  /** Its stdout. */
  readonly stdout: string;
  /** Its stderr. */
  readonly stderr: string;
  /** Whether it was killed because it took too long: it waits for a prompt, or hangs. @default {false} */
  readonly timedOut?: boolean;
}

/** Runs a program to its end or its timeout; throws what {@linkcode isNotFound} recognizes where there is none of that name. */
export type RunProgram = (call: ProgramCall) => Promise<ProgramResult>;

/** Options of {@linkcode runProgram}. */
export interface RunOptions {
  /** Its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether that is all of it; otherwise this process's is added. @default {false} */
  readonly clearEnv?: boolean;
  /** Its timeout, in milliseconds. */
  readonly limit: number;
}

/**
 * Runs a program to its end or its timeout.
 *
 * @param program The program.
 * @param options Its environment and timeout.
 * @returns How it ended.
 * @throws {Error} When there is none of that name ({@linkcode isNotFound}), or it cannot be run.
 */
export async function runProgram(
  { program, args, input = "" }: ProgramCall,
  { env, clearEnv = false, limit }: RunOptions,
): Promise<ProgramResult> {
  const child = new Deno.Command(program, {
    args: [...args],
    env: { ...env },
    clearEnv,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program may end without reading its input.
  writer.write(new TextEncoder().encode(input))
    .then(() => writer.close()).catch(() => {});
  const output = child.output();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timedOut = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limit, undefined);
  });
  try {
    const ended = await Promise.race([output, timedOut]);
    if (ended !== undefined) {
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return {
        code: ended.code,
        stdout: text(ended.stdout),
        stderr: text(ended.stderr),
        timedOut: false,
      };
    }
  } finally {
    clearTimeout(timer);
  }
  // Its own children may keep its outputs open: do not wait for them.
  output.catch(() => {});
  child.unref();
  try {
    child.kill("SIGKILL");
  } catch {
    // It has just ended.
  }
  return { code: -1, stdout: "", stderr: "", timedOut: true };
}
