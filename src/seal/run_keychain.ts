import { childEnvironment } from "../system/child_environment.ts";
import { type Env, realEnv } from "../system/environment.ts";
import {
  type Program,
  type ProgramEnd,
  runProgram,
} from "../system/run_program.ts";

/** A program of the system's keychain. */
export type KeychainTool = Program;

/** How it ended. */
export type KeychainToolResult = ProgramEnd;

/** Runs a program to its end; throws what `isNotFound()` tells where there is none of that name. */
export type RunKeychainTool = (
  tool: KeychainTool,
) => Promise<KeychainToolResult>;

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
): RunKeychainTool {
  return (tool) =>
    runProgram(tool, { ...childEnvironment("tool", { env }), limit });
}
