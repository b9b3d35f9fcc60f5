/** The real `tdauth` command as a child process in a clean environment. */

import { fileURLToPath } from "node:url";
import { denoEnvironment, denoProcess } from "../../tools/deno.ts";

const CLI = fileURLToPath(new URL("../../cli.ts", import.meta.url));

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is started. */
export interface CommandOptions {
  /** The home directory, also the working directory; settings and tokens are in `tdauth` in it. */
  readonly home: string;
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** After how many milliseconds it is killed. @default 180000 */
  readonly limit?: number;
}

/** A command that runs. */
export interface RunningCommand extends AsyncDisposable {
  /** Waits until stderr has what the pattern looks for, and gives the match. */
  stderrHas(pattern: RegExp): Promise<RegExpExecArray>;
  /** How it ended; kills it when it takes too long. */
  readonly outcome: Promise<Outcome>;
}

/** Runs a command to its end. */
export async function tdauth(
  args: readonly string[],
  options: CommandOptions,
): Promise<Outcome> {
  await using command = startTdauth(args, options);
  return await command.outcome;
}

/** Starts a command. */
export function startTdauth(
  args: readonly string[],
  options: CommandOptions,
): RunningCommand {
  const child = denoProcess(["run", "-A", CLI, ...args], {
    cwd: options.home,
    clearEnv: true,
    env: { ...cleanEnv(options.home), ...options.env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let ended = false;
  const kill = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has just ended.
    }
  };
  const limit = setTimeout(kill, options.limit ?? 180_000);
  const stderr = new Transcript(child.stderr);
  const stdout = new Transcript(child.stdout);
  const outcome = (async () => {
    const [{ code }] = await Promise.all([
      child.status,
      stdout.end,
      stderr.end,
    ]);
    clearTimeout(limit);
    ended = true;
    return { code, stdout: stdout.text, stderr: stderr.text };
  })();
  return {
    outcome,
    stderrHas: (pattern) => stderr.has(pattern),
    async [Symbol.asyncDispose]() {
      if (!ended) kill();
      await outcome;
    },
  };
}

/** The text that a stream has given so far, and who waits for some of it. */
class Transcript {
  text = "";
  readonly end: Promise<void>;
  #more = Promise.withResolvers<boolean>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.end = this.#read(stream);
  }

  async has(pattern: RegExp): Promise<RegExpExecArray> {
    for (let going = true;; going = await this.#more.promise) {
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      if (!going) throw new Error(`No ${pattern} in:\n${this.text}`);
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.text += decoder.decode(chunk, { stream: true });
      const { resolve } = this.#more;
      this.#more = Promise.withResolvers();
      resolve(true);
    }
    this.#more.resolve(false);
  }
}

/** Nothing of the machine's but what a program needs to start and to trust certificates. */
export function cleanEnv(home: string): Record<string, string> {
  const kept = ["PATH", "SSL_CERT_FILE", "DENO_TLS_CA_STORE"].flatMap(
    (name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value] as const];
    },
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    TD_CONFIG_DIR: `${home}/tdauth`,
    ...denoEnvironment(),
    DENO_NO_PROMPT: "1",
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  };
}
