import { realEnv } from "../system/environment.ts";
import { ARGUMENTS } from "../system/own_process.ts";
import { run } from "./program.ts";
import { realIo } from "./terminal/io.ts";
import { listenForSignals } from "./terminal/own_signals.ts";

/**
 * Runs the command with the real streams and environment.
 *
 * @returns The exit code.
 */
export async function main(): Promise<number> {
  const { signal, signals } = listenForSignals(() => io.endPasting());
  const io = realIo(ARGUMENTS, realEnv, signal, signals);
  return await run(io);
}
