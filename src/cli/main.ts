import { realEnv } from "../config_dir.ts";
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
  const io = realIo(Deno.args, realEnv, end.signal);
  const abort = () => {
    // The second time the user means it.
    if (end.signal.aborted) {
      io.endPasting();
      Deno.exit(130);
    }
    end.abort(new Error("interrupted"));
  };
  for (const signal of SIGNALS) Deno.addSignalListener(signal, abort);
  return await run(io);
}
