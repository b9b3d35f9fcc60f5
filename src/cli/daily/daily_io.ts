import { commandCalled } from "../../system/called.ts";
import type { Env } from "../../system/environment.ts";
import { stderr, stdin, stdout } from "../../system/standard_streams.ts";
import type { Io } from "../terminal/io.ts";
import { listenForSignals, type OwnSignals } from "../terminal/own_signals.ts";
import { unusual } from "./unusual.ts";

/**
 * What a daily command reads and writes: what it prints is kept, so that another
 * may print in its place, and whatever asks the user or sends something is the
 * whole program's.
 *
 * @param args The arguments.
 * @param env The environment.
 * @param printed Where the output goes.
 * @param now The clock, in milliseconds since the epoch.
 * @returns The streams.
 */
export function dailyIo(
  args: readonly string[],
  env: Env,
  printed: { out: string; err: string },
  now: () => number = Date.now,
): Io {
  let own: OwnSignals | undefined;
  // Only a command that runs another program asks for them: what is printed must come before its output.
  const signals = () =>
    printed.err === "" ? own ??= listenForSignals() : unusual();
  return {
    args,
    env,
    called: () => commandCalled(env),
    out: (text) => void (printed.out += text),
    err: (text) => {
      if (stderr.isTerminal()) unusual(); // which wraps lines
      printed.err += text;
    },
    outBytes: unusual,
    lines: unusual,
    input: unusual,
    pastedLines: unusual,
    startPasting: unusual,
    endPasting: unusual,
    hiddenLine: unusual,
    terminal: {
      get in() {
        return stdin.isTerminal();
      },
      get out() {
        return stdout.isTerminal();
      },
      get err() {
        return stderr.isTerminal();
      },
    },
    now,
    fetch: unusual,
    get signal() {
      return signals().signal;
    },
    get signals() {
      return signals().signals;
    },
  };
}
