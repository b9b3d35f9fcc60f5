import { realEnv } from "../system/environment.ts";
import { OS } from "../system/os.ts";
import { ARGUMENTS, exit } from "../system/own_process.ts";
import { onSignal, type Signal, signalSelf } from "../system/signals.ts";
import { realIo } from "./terminal/io.ts";
import { run } from "./program.ts";

/** The signals that end a command early and release what it holds. */
const SIGNALS: readonly Signal[] = OS === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs the command with the real streams and environment.
 *
 * @returns The exit code.
 */
export async function main(): Promise<number> {
  const end = new AbortController();
  let taker: ((signal: Signal) => void) | undefined;
  const endings = SIGNALS.map((signal) =>
    onSignal(signal, () => {
      if (taker !== undefined) return taker(signal);
      // A second signal exits immediately.
      if (end.signal.aborted) {
        io.endPasting();
        exit(130);
      }
      end.abort(new Error("interrupted"));
    })
  );
  const io = realIo(ARGUMENTS, realEnv, end.signal, {
    take: (given) => taker = given,
    dieOf: async (signal) => {
      for (const stop of endings) stop();
      signalSelf(signal);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    },
  });
  return await run(io);
}
