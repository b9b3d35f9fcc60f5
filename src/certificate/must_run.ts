import { TdauthError } from "../base/errors.ts";
import {
  type ProgramCall,
  type RunProgram,
  runProgram,
} from "../system/run_program.ts";
import { isNotFound } from "../system/system_error.ts";

/** How long, in milliseconds, a program may take: some systems prompt their user meanwhile. */
const LIMIT = 120_000;

/**
 * Returns a function that runs programs.
 *
 * @param env Their whole environment: nothing else of tdauth's is passed on.
 * @param limit How long one may take, in milliseconds. Default: two minutes.
 * @returns The function.
 */
export function programRunner(
  env: Readonly<Record<string, string>>,
  limit = LIMIT,
): RunProgram {
  return async (tool) => {
    const result = await runProgram(tool, {
      env,
      clearEnv: true,
      limit,
    });
    if (!result.timedOut) return result;
    throw new TdauthError(
      "certificate_failed",
      `Cannot look into a trust store: ${tool.program} did not end within ${
        limit / 1000
      } seconds`,
      { hint: "check whether it waits for a prompt, then retry" },
    );
  };
}

/**
 * Runs a program that must succeed.
 *
 * @param run Runs it.
 * @param tool The program.
 * @param what What it is to do, for the error: `add … to …`.
 * @param hint What the user can do when it fails.
 * @returns Its output.
 * @throws {TdauthError} `certificate_failed` when it fails.
 */
export async function mustRun(
  run: RunProgram,
  tool: ProgramCall,
  what: string,
  hint = "run the command again with --verbose for the causes",
): Promise<string> {
  const { code, stdout, stderr } = await run(tool).catch((cause) => {
    if (!isNotFound(cause)) throw cause;
    throw new TdauthError(
      "certificate_failed",
      `Cannot ${what}: there is no program ${tool.program}`,
      { hint: `install ${tool.program}`, cause },
    );
  });
  if (code === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).split("\n").at(-1)?.trim();
  throw new TdauthError(
    "certificate_failed",
    `Cannot ${what}: ${tool.program} failed with exit code ${code}`,
    { hint, ...(said && { cause: new Error(said) }) },
  );
}
