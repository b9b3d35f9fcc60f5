import { childEnvironment } from "../system/config_dir.ts";
import type { Io } from "./io.ts";

/** What a terminal sends to all of its foreground processes by itself: Ctrl-C, Ctrl-\ and a new size. */
const OF_TERMINAL: readonly Deno.Signal[] = ["SIGINT", "SIGQUIT", "SIGWINCH"];
/** What is passed on besides what every command listens for. */
const MORE: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"];

/** Signals on their way to a child process. */
export interface ChildSignals {
  /** Says whose they are. */
  readonly to: (child: Deno.ChildProcess) => void;
  /** The child is gone: there is nobody to pass them on to. */
  readonly end: () => void;
}

/**
 * Passes this process's signals on to a child, and none a second time that the
 * terminal has sent to both. Nothing that comes between this call and `to` is lost.
 *
 * @param io What the command reads and writes.
 * @returns Where the signals go.
 */
export function passSignalsOn(io: Io): ChildSignals {
  let child: Deno.ChildProcess | undefined;
  const pass = (signal: Deno.Signal) => {
    // On Windows a console's Ctrl-C reaches all of its processes, and a signal is always a kill.
    if (Deno.build.os === "windows") return;
    if (OF_TERMINAL.includes(signal) && inForeground(io)) return;
    try {
      child?.kill(signal);
    } catch {
      // It has just ended.
    }
  };
  io.signals.take(pass);
  const listeners = MORE.map((signal) => [signal, () => pass(signal)] as const);
  for (const [signal, listener] of listeners) {
    Deno.addSignalListener(signal, listener);
  }
  return {
    to: (started) => child = started,
    end: () => {
      child = undefined;
      for (const [signal, listener] of listeners) {
        Deno.removeSignalListener(signal, listener);
      }
    },
  };
}

/**
 * Whether this process belongs to the foreground of a terminal, whose keys then
 * reach its child without its help. A program is asked: the runtime reads /proc
 * only with every permission, which the executable has not.
 */
function inForeground(io: Io): boolean {
  const [program = "", ...args] = Deno.build.os === "linux"
    ? ["cat", `/proc/${Deno.pid}/stat`]
    : ["ps", "-o", "pgid=,tpgid=", "-p", String(Deno.pid)];
  try {
    const { stdout } = new Deno.Command(program, {
      args,
      stderr: "null",
      ...childEnvironment("tool", { env: io.env }),
    }).outputSync();
    const text = new TextDecoder().decode(stdout).trim();
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
    // There is no such program: what follows is right in most cases.
  }
  return io.terminal.in || io.terminal.err;
}
