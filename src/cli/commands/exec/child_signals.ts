import { childEnvironment } from "../../../system/child_environment.ts";
import { type ChildProgram, outputOf } from "../../../system/child_program.ts";
import { OS } from "../../../system/os.ts";
import { PROCESS_ID } from "../../../system/own_process.ts";
import { onSignal, type Signal } from "../../../system/signals.ts";
import type { Io } from "../../terminal/io.ts";

/** What a terminal itself sends to all its foreground processes: Ctrl-C, Ctrl-\ and resizes. */
const OF_TERMINAL: readonly Signal[] = ["SIGINT", "SIGQUIT", "SIGWINCH"];
/** What is forwarded besides what every command listens for. */
const MORE: readonly Signal[] = OS === "windows"
  ? []
  : ["SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"];

/** Signals on their way to a child process. */
export interface ChildSignals {
  /** Sets the child they go to. */
  readonly to: (child: ChildProgram) => void;
  /** The child is gone: there is no process to forward them to. */
  readonly end: () => void;
}

/**
 * Forwards this process's signals to a child, except those that the terminal has
 * sent to both. Nothing that comes between this call and `to` is lost.
 *
 * @param io What the command reads and writes.
 * @returns Where the signals go.
 */
export function passSignalsOn(io: Io): ChildSignals {
  let child: ChildProgram | undefined;
  const pass = (signal: Signal) => {
    // On Windows a console's Ctrl-C reaches all of its processes, and a signal is always a kill.
    if (OS === "windows") return;
    if (OF_TERMINAL.includes(signal) && inForeground(io)) return;
    child?.kill(signal);
  };
  io.signals.take(pass);
  const endings = MORE.map((signal) => onSignal(signal, () => pass(signal)));
  return {
    to: (started) => child = started,
    end: () => {
      child = undefined;
      for (const end of endings) end();
    },
  };
}

/**
 * Whether this process belongs to the foreground of a terminal, whose keys then
 * reach its child without its help. It runs a program, because the
 * runtime reads /proc only with all permissions, which the executable lacks.
 */
function inForeground(io: Io): boolean {
  const [program = "", ...args] = OS === "linux"
    ? ["cat", `/proc/${PROCESS_ID}/stat`]
    : ["ps", "-o", "pgid=,tpgid=", "-p", String(PROCESS_ID)];
  try {
    const environment = childEnvironment("tool", { env: io.env });
    const text = outputOf(program, args, environment).trim();
    const [group, foreground] = program === "ps"
      ? text.split(/\s+/)
      // After the name in parentheses, which may hold anything: state, parent, group, session, terminal, its foreground group.
      : text.split(") ").at(-1)?.split(" ").filter((_, at) =>
        at === 2 || at === 5
      ) ?? [];
    if (group !== undefined && foreground !== undefined) {
      return group === foreground;
    }
  } catch {
    // No such program: the following is right in most cases.
  }
  return io.terminal.in || io.terminal.err;
}
