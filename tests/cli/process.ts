/** A child process whose outputs are read as they come, and which never outlives its test. */

/** How a process ended and what it wrote. */
export interface Result {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What to start. */
export interface StartOptions {
  readonly args: readonly string[];
  /** The whole environment: nothing of the test's own gets through. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** When a process that hangs is killed, in milliseconds; no test waits for it. @default {180000} */
  readonly killAfter?: number;
  /** How hints call `tdauth` where it is run from its source; tests read `tdauth` in its place. */
  readonly calledBy?: string;
  /** Looks at the result before the test does. */
  readonly inspect?: (result: Result) => void | Promise<void>;
}

/** A running process. */
export class Running {
  /** How it ended; rejects when it had to be killed. */
  readonly result: Promise<Result>;
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #text = { stdout: "", stderr: "" };
  readonly #watchers = new Set<() => void>();
  #ended = false;

  constructor(program: string, options: StartOptions) {
    this.#child = new Deno.Command(program, {
      args: [...options.args],
      cwd: options.cwd,
      env: { ...options.env },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#input.closed.catch(() => {}); // it may end without reading all
    this.result = this.#run(options);
    this.result.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What it has written so far; escape characters are shown as ␛. */
  get stdout(): string {
    return this.#text.stdout;
  }
  get stderr(): string {
    return this.#text.stderr;
  }

  /** Waits until an output matches; rejects when the process ends without it. */
  async sees(
    pattern: RegExp,
    output: "stdout" | "stderr" = "stderr",
  ): Promise<RegExpExecArray> {
    while (true) {
      const found = pattern.exec(this.#text[output]);
      if (found !== null) return found;
      if (this.#ended) {
        throw new Error(
          `${pattern} never came on ${output}, which was: ${
            JSON.stringify(this.#text[output])
          }`,
        );
      }
      await new Promise<void>((resolve) => this.#watchers.add(resolve));
    }
  }

  /** Types or pipes something in. */
  async write(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text)).catch(() => {});
  }

  /** Ends its input. */
  async closeInput(): Promise<void> {
    await this.#input.close().catch(() => {});
  }

  /** Sends a signal; says whether the process was still there to get it. */
  kill(signal: Deno.Signal): boolean {
    try {
      this.#child.kill(signal);
      return true;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return false;
    }
  }

  async #run(options: StartOptions): Promise<Result> {
    const limit = options.killAfter ?? 180_000;
    let late = false;
    const timer = setTimeout(() => {
      late = this.kill("SIGKILL");
    }, limit);
    const [status] = await Promise.all([
      this.#child.status,
      this.#read("stdout", this.#child.stdout, options.calledBy),
      this.#read("stderr", this.#child.stderr, options.calledBy),
    ]);
    clearTimeout(timer);
    this.#ended = true;
    this.#wake();
    await this.closeInput();
    const result = {
      code: status.code,
      signal: status.signal,
      ...this.#text,
    };
    if (late) {
      throw new Error(
        `${options.args.join(" ")} was killed after ${limit} ms: ${
          JSON.stringify(result)
        }`,
      );
    }
    await options.inspect?.(result);
    return result;
  }

  async #read(
    name: "stdout" | "stderr",
    stream: ReadableStream<Uint8Array>,
    calledBy: string | undefined,
  ): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      const text = this.#text[name] + decoder.decode(chunk, { stream: true })
        .replaceAll("\x1b", "␛");
      this.#text[name] = calledBy === undefined
        ? text
        : text.replaceAll(calledBy, "tdauth");
      this.#wake();
    }
    this.#text[name] += decoder.decode();
  }

  #wake(): void {
    for (const wake of this.#watchers) wake();
    this.#watchers.clear();
  }
}
