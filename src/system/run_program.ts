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
  /** Whether it was killed because it wrote too much. @default {false} */
  readonly tooLong?: boolean;
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
  /** How much it may write to each of its outputs, in bytes. @default {no limit} */
  readonly most?: number;
  /** Kills it. */
  readonly signal?: AbortSignal;
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
  { env, clearEnv = false, limit, most = Infinity, signal }: RunOptions,
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
  const stopped = Promise.withResolvers<"timedOut" | "tooLong" | "aborted">();
  const timer = setTimeout(stopped.resolve, limit, "timedOut");
  const abort = () => stopped.resolve("aborted");
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  const read = (output: ReadableStream<Uint8Array>) =>
    textOf(output, most, () => stopped.resolve("tooLong"));
  const ended = Promise.all([
    child.status,
    read(child.stdout),
    read(child.stderr),
  ]);
  let why: "timedOut" | "tooLong" | "aborted";
  try {
    const first = await Promise.race([ended, stopped.promise]);
    if (typeof first !== "string") {
      const [{ code }, stdout, stderr] = first;
      return { code, stdout, stderr, timedOut: false };
    }
    why = first;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
  // Its own children may keep its outputs open: do not wait for them.
  ended.catch(() => {});
  child.unref();
  try {
    child.kill("SIGKILL");
  } catch {
    // It has just ended.
  }
  signal?.throwIfAborted();
  return {
    code: -1,
    stdout: "",
    stderr: "",
    timedOut: why === "timedOut",
    tooLong: why === "tooLong",
  };
}

/** Reads an output to its end; what is beyond the limit is read and forgotten. */
async function textOf(
  output: ReadableStream<Uint8Array>,
  most: number,
  onMore: () => void,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of output) {
    length += chunk.length;
    if (length > most) onMore();
    else text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
