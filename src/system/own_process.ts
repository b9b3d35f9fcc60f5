/** The arguments that this program was started with. */
export const ARGUMENTS: readonly string[] = Deno.args;

/** This process's id. */
export const PROCESS_ID: number = Deno.pid;

/**
 * Exits this process immediately.
 *
 * @param code Its exit code.
 */
export function exit(code: number): never {
  Deno.exit(code);
}
