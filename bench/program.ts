/** A program that prints something, and its baseline. */
export interface Program {
  /** What the table calls it. */
  readonly name: string;
  /** The executable and its arguments. */
  readonly command: readonly string[];
  /** What it must print, or whether that is it. */
  readonly expected: string | ((text: string) => boolean);
}

/** Where programs run. */
export interface Place {
  /** The working directory. */
  readonly cwd: string;
  /** The whole environment. @default {none} */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end; throws when it fails or prints something else than it must. */
export function runOnce(program: Program, place: Place): void {
  const text = outputOf(program.command, place);
  if (!isExpected(program, text)) {
    throw new Error(`${program.name} printed ${JSON.stringify(text)}`);
  }
}

/** Whether a program must print this text. */
export function isExpected({ expected }: Program, text: string): boolean {
  return typeof expected === "string" ? text === expected : expected(text);
}

/** Returns what a command prints on stdout; throws when it fails. */
export function outputOf(command: readonly string[], place: Place): string {
  const [file = "", ...args] = command;
  const { success, stdout, stderr } = new Deno.Command(file, {
    args,
    ...place,
    clearEnv: true,
  }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${command.join(" ")}: ${text(stderr)}`);
  return text(stdout);
}

/** Like {@linkcode outputOf}; `undefined` when the command is absent or fails. */
export function tryOutput(
  command: readonly string[],
  place: Place,
): string | undefined {
  try {
    return outputOf(command, place);
  } catch {
    return undefined;
  }
}

/** GNU time, which starts the program from a process smaller than any it measures. */
const TIME = "/usr/bin/time";

/**
 * Returns a program's peak resident memory. A process that Deno starts would
 * count Deno's own memory until it is replaced, so a small one starts it.
 *
 * @param program The program.
 * @param place Where it runs.
 * @returns Mebibytes; `undefined` where there is no GNU time.
 */
export function peakMebibytes(
  program: Program,
  place: Place,
): number | undefined {
  let stderr: Uint8Array;
  try {
    ({ stderr } = new Deno.Command(TIME, {
      args: ["-f", "%M", ...program.command],
      ...place,
      clearEnv: true,
    }).outputSync());
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const last = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  const kibibytes = Number(last);
  return Number.isInteger(kibibytes) ? kibibytes / 1024 : undefined;
}
