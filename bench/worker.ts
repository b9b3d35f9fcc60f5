import { fileURLToPath } from "node:url";
import { denoProcess } from "../tools/deno.ts";

/** A separate process that answers one question at a time. */
export interface Worker extends AsyncDisposable {
  /** Asks it, in JSON, and returns its answer. */
  ask<T>(question: unknown): Promise<T>;
}

/** Starts a script of this folder that calls {@linkcode answerQuestions}. */
export function startWorker(script: string): Worker {
  const child = denoProcess([
    "run",
    "-A",
    "--v8-flags=--expose-gc",
    fileURLToPath(new URL(script, import.meta.url)),
  ], { stdin: "piped", stdout: "piped" }).spawn();
  const stdin = child.stdin.getWriter();
  const answers = lines(child.stdout);
  return {
    async ask<T>(question: unknown) {
      await stdin.write(
        new TextEncoder().encode(JSON.stringify(question) + "\n"),
      );
      const { value, done } = await answers.next();
      if (done) throw new Error(`${script} has ended`);
      return JSON.parse(value) as T;
    },
    async [Symbol.asyncDispose]() {
      await stdin.close();
      await child.status;
      await answers.return(undefined);
    },
  };
}

/** Answers questions on stdin until it ends. */
export async function answerQuestions<Q>(
  answer: (question: Q) => Promise<unknown>,
): Promise<void> {
  for await (const line of lines(Deno.stdin.readable)) {
    const text = JSON.stringify(await answer(JSON.parse(line)) ?? null) + "\n";
    await Deno.stdout.write(new TextEncoder().encode(text));
  }
}

async function* lines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void, unknown> {
  let rest = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    const all = (rest + part).split("\n");
    rest = all.pop() ?? "";
    yield* all;
  }
}
