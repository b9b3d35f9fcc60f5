import { shellWord } from "../../../base/shell_word.ts";
import type { ProgramCall, RunProgram } from "../../../system/run_program.ts";

/** What a service of the system is made of. */
export interface ServiceParts {
  /** The words that start tdauth, and `serve` with its flags. */
  readonly words: readonly string[];
  /** Variables that it needs; none of them is a secret. */
  readonly variables: Readonly<Record<string, string>>;
}

/** One call of a program of the system. */
export interface ServiceCall extends ProgramCall {
  /** Whether its failure says nothing, as when there is nothing to stop. @default {false} */
  readonly mayFail?: true;
}

/** How a system starts a program at every login. */
export interface Service {
  /** What people call it: `systemd user unit`. */
  readonly kind: string;
  /** Its file; `undefined` where the system keeps it itself. */
  readonly path: string | undefined;
  /** Its file's text, or how it is described where there is none. */
  readonly text: string;
  /** Registers and starts it, also when one of an earlier time runs. */
  readonly start: readonly ServiceCall[];
  /** Stops it and registers it no more; before its file is removed. */
  readonly stop: readonly ServiceCall[];
  /** Tells the system that the file is gone. */
  readonly forget: readonly ServiceCall[];
  /** The command that shows how it is, for people. */
  readonly show: string;
}

/** The line by which a file is known to be tdauth's. */
export const MADE_BY = "Made by tdauth serve, whose flag uninstall removes it.";

/** What the machine does; another one in tests. */
export interface ServiceEdges {
  /** The operating system. */
  readonly os: string;
  /** The words that start this program. */
  readonly words: readonly string[];
  /** Runs a program of the system. */
  readonly run: RunProgram;
}

/** A call as a line that can be pasted. */
export function lineOf(
  { program, args }: {
    readonly program: string;
    readonly args: readonly string[];
  },
): string {
  return [program, ...args]
    .map((word) => /^[\w./:=@-]+$/.test(word) ? word : shellWord(word))
    .join(" ");
}
