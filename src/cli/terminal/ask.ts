import { TdauthError } from "../../base/errors.ts";
import { terminalColumns } from "../../system/standard_streams.ts";
import type { Io } from "./io.ts";
import type { Style } from "./style.ts";
import { wrapWords } from "./wrap.ts";

/** A question for the user. */
export interface Question {
  /** What is asked. */
  readonly text: string;
  /** What an empty answer means; without it the question is repeated. */
  readonly fallback?: string;
  /** Whether to hide the answer. */
  readonly hidden?: boolean;
  /** Whether an empty answer is accepted. */
  readonly optional?: boolean;
  /** Returns what is wrong with an answer; the question is then repeated. */
  readonly problem?: (answer: string) => string | undefined;
}

/**
 * Prompts on stderr until there is a usable answer.
 *
 * @param io Where to ask.
 * @param style The style of stderr.
 * @param question What to ask.
 * @returns The answer, trimmed.
 * @throws {TdauthError} `login_cancelled` when the input ends.
 */
export async function ask(
  io: Io,
  style: Style,
  question: Question,
): Promise<string> {
  while (true) {
    const shown = question.fallback === undefined || question.hidden
      ? ""
      : style.dim(` [${question.fallback}]`);
    const prompt = `${style.bold(question.text)}${shown} `;
    const line = await untilInterrupted(
      io,
      question.hidden ? io.hiddenLine(prompt) : nextLine(io, prompt),
    );
    // After Ctrl-C the terminal is still on the question's line.
    if (question.hidden || line === undefined) io.err("\n");
    if (io.signal.aborted || (line === undefined && io.terminal.in)) {
      throw new TdauthError(
        "login_cancelled",
        "Cannot continue: cancelled",
      );
    }
    if (line === undefined) {
      throw new TdauthError(
        "login_cancelled",
        "Cannot continue: the input ended before the question was answered",
        {
          hint: "run it again and answer, or pass flags and TD_… variables",
        },
      );
    }
    const answer = line.trim() === "" ? question.fallback ?? "" : line.trim();
    const problem = answer === ""
      ? question.optional ? undefined : "an answer is required"
      : question.problem?.(answer);
    if (problem === undefined) return answer;
    const columns = (io.terminal.err ? terminalColumns() : 0) || 80;
    for (const part of wrapWords(problem, columns - 3)) {
      io.err(`  ${style.yellow(part)}\n`);
    }
  }
}

/**
 * Asks a yes-or-no question.
 *
 * @param io Where to ask.
 * @param style The style of stderr.
 * @param question What is asked; an empty answer is a no.
 * @returns Whether it was a yes.
 * @throws {TdauthError} `login_cancelled` when the input ends.
 */
export async function confirm(
  io: Io,
  style: Style,
  question: string,
): Promise<boolean> {
  const answer = await ask(io, style, {
    text: `${question} (yes or no)`,
    fallback: "no",
    problem: (text) =>
      /^(y|yes|n|no)$/i.test(text) ? undefined : "answer yes or no",
  });
  return /^y/i.test(answer);
}

/** Resolves with the input, or with nothing on Ctrl-C: a terminal read ends only at Enter. */
function untilInterrupted(
  { signal }: Io,
  reading: Promise<string | undefined>,
): Promise<string | undefined> {
  const interrupted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  return Promise.race([reading, interrupted]);
}

async function nextLine(io: Io, prompt: string): Promise<string | undefined> {
  io.endPasting();
  io.err(prompt);
  for await (const line of io.lines()) return line;
  return undefined;
}
