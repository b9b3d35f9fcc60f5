/** Starts a server program of this machine and ends it by its process id. */

/** How a program is started. */
export interface ProgramOptions {
  /** Its working directory, where `server.log` gets its output. */
  readonly cwd: string;
  /** Its environment, beside `PATH` and a `HOME` in its working directory. */
  readonly env?: Readonly<Record<string, string>>;
  /** An address that answers, whatever the status, as soon as it is ready. */
  readonly ready: string;
}

/** A program that runs. */
export interface Program extends AsyncDisposable {
  /** Returns what it has written to its output so far. */
  log(): string;
}

/** How long a program may take to start on a machine with much else to do, in milliseconds. */
const START = 60_000;

/**
 * Starts a program and waits until it answers.
 *
 * @param words Its path and arguments.
 * @param options Where it runs, and how to see that it is ready.
 * @returns The running program.
 */
export async function startProgram(
  [path, ...args]: readonly [string, ...string[]],
  options: ProgramOptions,
): Promise<Program> {
  const logPath = `${options.cwd}/server.log`;
  const file = Deno.openSync(logPath, {
    create: true,
    append: true,
  });
  const child = new Deno.Command(path, {
    args,
    cwd: options.cwd,
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: options.cwd,
      ...options.env,
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const written = Promise.all([child.stdout, child.stderr].map(async (text) => {
    for await (const chunk of text) file.writeSync(chunk);
  }));
  let ended = false;
  const end = child.status.then(() => void (ended = true));
  const log = () => Deno.readTextFileSync(logPath);
  const program: Program = {
    log,
    async [Symbol.asyncDispose]() {
      if (!ended) child.kill("SIGKILL");
      await Promise.all([end, written]);
      file.close();
    },
  };
  const start = performance.now();
  while (!await answers(options.ready)) {
    if (ended || performance.now() - start > START) {
      const said = log();
      await program[Symbol.asyncDispose]();
      throw new Error(`${path} does not answer:\n${said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return program;
}

/**
 * Runs a program to its end.
 *
 * @param words Its path and arguments.
 * @param cwd Its working directory.
 * @param input What it reads from its standard input. @default {""}
 * @returns Its standard output.
 */
export async function runProgram(
  [path, ...args]: readonly [string, ...string[]],
  cwd: string,
  input = "",
): Promise<string> {
  const child = new Deno.Command(path, {
    args,
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${path}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

/** Whether files are on this machine. */
export function installed(...paths: readonly string[]): boolean {
  return paths.every((path) => {
    try {
      return Deno.statSync(path) !== null;
    } catch {
      return false;
    }
  });
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(10_000),
    });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}
