import { childEnvironment } from "../system/child_environment.ts";
import { type Env, realEnv } from "../system/environment.ts";
import { type RunProgram, runProgram } from "../system/run_program.ts";

/**
 * Makes what runs the programs for real.
 *
 * @param env The environment, a few variables of which they get.
 * @param limit How long one may take, in milliseconds.
 * @returns What runs them.
 */
export function keychainRunner(
  env: Env = realEnv,
  limit = 10_000,
): RunProgram {
  return (tool) =>
    runProgram(tool, { ...childEnvironment("tool", { env }), limit });
}
