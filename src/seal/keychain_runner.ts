import { childEnvironment } from "../system/child_environment.ts";
import { type Env, realEnv } from "../system/environment.ts";
import { type RunProgram, runProgram } from "../system/run_program.ts";

/**
 * Returns a function that runs the programs for real.
 *
 * @param env The environment; they get a few of its variables.
 * @param limit The timeout of one, in milliseconds.
 * @returns The function.
 */
export function keychainRunner(
  env: Env = realEnv,
  limit = 10_000,
): RunProgram {
  return (tool) =>
    runProgram(tool, { ...childEnvironment("tool", { env }), limit });
}
