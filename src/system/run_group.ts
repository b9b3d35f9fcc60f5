import { type After, after as afterReal } from "../base/after.ts";
import type { ChildEnvironment } from "./child_environment.ts";
import { OS } from "./os.ts";
import type { ProgramCall, ProgramResult } from "./run_program.ts";

/** Options of {@linkcode runGroup}. */
export interface RunGroupOptions {
  /** Its environment. */
  readonly environment: ChildEnvironment;
  /** Its timeout, in milliseconds. */
  readonly limit: number;
  /** How much of each output is kept, in bytes: the beginning. The rest is read, so that the program does not wait. */
  readonly longest: number;
  /** Kills it as the timeout does. */
  readonly signal?: AbortSignal | undefined;
  /** Timers. @default {the machine's} */
  readonly after?: After;
}

/** How long, in milliseconds, what is left in the pipes may take once the program has ended: another one may hold them open. */
const DRAIN = 1000;

/**
 * Runs a program in a process group of its own to its end or its timeout, when
 * the whole group is killed: a script's own children would go on otherwise. What
 * it leaves running when it ends by itself is left alone. Ctrl-C in the terminal
 * does not reach it, but for `signal`.
 *
 * @param call The program.
 * @param options Its environment and limits.
 * @returns How it ended.
 * @throws {Error} When there is none of that name, or it cannot be run.
 */
export async function runGroup(
  { program, args, input = "" }: ProgramCall,
  { environment, limit, longest, signal, after = afterReal }: RunGroupOptions,
): Promise<ProgramResult> {
  signal?.throwIfAborted();
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    detached: true, // which makes the group
    ...environment,
  }).spawn();
  const writer = child.stdin.getWriter();
  // A program may end without reading its input.
  writer.write(new TextEncoder().encode(input))
    .then(() => writer.close()).catch(() => {});
  const outputs = [child.stdout, child.stderr].map((stream) =>
    keepStart(stream, longest)
  );
  let timedOut = false;
  const kill = () => killGroup(child);
  const cancel = after(limit, () => {
    timedOut = true;
    kill();
  });
  signal?.addEventListener("abort", kill, { once: true });
  try {
    const status = await child.status;
    cancel(); // the group may be the user's from now on
    const [stdout = "", stderr = ""] = await allOf(outputs);
    return {
      code: status.signal === null ? status.code : -1,
      stdout,
      stderr,
      timedOut,
    };
  } finally {
    cancel();
    signal?.removeEventListener("abort", kill);
    await writer.abort().catch(() => {}); // it may have left its input unread
  }
}

/** Kills a program and its group at once; does nothing after its end. */
function killGroup(child: Deno.ChildProcess): void {
  try {
    if (OS !== "windows") return Deno.kill(-child.pid, "SIGKILL");
    new Deno.Command("taskkill", {
      args: ["/F", "/T", "/PID", String(child.pid)],
      stdout: "null",
      stderr: "null",
    }).outputSync();
  } catch {
    try {
      child.kill("SIGKILL"); // no group, or no taskkill
    } catch {
      // It has just ended.
    }
  }
}

/** The beginning of an output. */
interface KeptStart {
  /** What was kept so far. */
  readonly text: () => string;
  /** Resolves when there is no more. */
  readonly ended: Promise<void>;
  /** Reads no more. */
  readonly stop: () => void;
}

function keepStart(
  stream: ReadableStream<Uint8Array>,
  longest: number,
): KeptStart {
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const read = async () => {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      const kept = value.subarray(0, longest - length);
      length += kept.length;
      if (kept.length > 0) chunks.push(kept);
    }
  };
  return {
    text: () => {
      const decoder = new TextDecoder();
      return chunks.map((chunk) => decoder.decode(chunk, { stream: true }))
        .join("");
    },
    ended: read().catch(() => {}),
    stop: () => void reader.cancel().catch(() => {}),
  };
}

/** What the outputs of an ended program hold. */
async function allOf(outputs: readonly KeptStart[]): Promise<string[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN);
  });
  await Promise.race([Promise.all(outputs.map(({ ended }) => ended)), late]);
  clearTimeout(timer);
  for (const { stop } of outputs) stop();
  return outputs.map(({ text }) => text());
}
