import { realEnv } from "../system/config_dir.ts";
import { realIo } from "./io.ts";
import { run } from "./program.ts";

/** What ends a command early, and frees what it holds. */
const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs the command in the real world.
 *
 * @returns The exit code.
 */
export async function main(): Promise<number> {
  const end = new AbortController();
  let taker: ((signal: Deno.Signal) => void) | undefined;
  const listeners = SIGNALS.map((signal) => {
    const listener = () => {
      if (taker !== undefined) return taker(signal);
      // The second time the user means it.
      if (end.signal.aborted) {
        io.endPasting();
        Deno.exit(130);
      }
      end.abort(new Error("interrupted"));
    };
    Deno.addSignalListener(signal, listener);
    return [signal, listener] as const;
  });
  const io = realIo(Deno.args, realEnv, end.signal, {
    take: (given) => taker = given,
    dieOf: async (signal) => {
      for (const [name, listener] of listeners) {
        Deno.removeSignalListener(name, listener);
      }
      Deno.kill(Deno.pid, signal);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    },
  });
  return await run(io);
}
