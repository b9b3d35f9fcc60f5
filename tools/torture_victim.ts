/** A process to be killed. */
import { fileURLToPath } from "node:url";
import { denoProcess } from "./deno.ts";

const CHILD = fileURLToPath(new URL("torture_child.ts", import.meta.url));
/** The timeout of the first report, in milliseconds. */
const NEVER = 180_000;

/** Its output. */
export interface Outcome {
  /** The lines of stdout: what is durable. */
  readonly reports: readonly string[];
  /** Its stderr. */
  readonly stderr: string;
}

/** A process that reports what it has made durable, until it is killed. */
export class Victim {
  readonly #child: Deno.ChildProcess;
  readonly #begun = Promise.withResolvers<void>();
  readonly #outputs: Promise<[string, string]>;

  /**
   * @param args What it does: see `torture_child.ts`.
   * @param env More of its environment.
   */
  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = denoProcess(["run", "-A", CHILD, ...args], {
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#outputs = Promise.all([
      this.#read(this.#child.stdout),
      this.#read(this.#child.stderr),
    ]);
  }

  /**
   * Kills it at a random moment after its first report, and returns all earlier reports.
   *
   * @param within The longest time between the two, in milliseconds.
   */
  async killedAtRandom(within: number): Promise<Outcome> {
    const never = setTimeout(() => this.#kill(), NEVER);
    await this.#begun.promise;
    clearTimeout(never);
    // Busy: a timer would always fire at the same moment of the event loop.
    const end = performance.now() + Math.random() * within;
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, end - performance.now() - 1))
    );
    while (performance.now() < end);
    this.#kill();
    const { signal } = await this.#child.status;
    const [stdout, stderr] = await this.#outputs;
    if (signal !== "SIGKILL") throw new Error(`It ended by itself: ${stderr}`);
    // A truncated line was reported, too: it is durable.
    return { reports: stdout.split("\n").filter((line) => line), stderr };
  }

  #kill(): void {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended, and its outputs say why.
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<string> {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      text += decoder.decode(chunk, { stream: true });
      this.#begun.resolve();
    }
    this.#begun.resolve();
    return text;
  }
}
