/** A lookup of environment variables; injected so that tests need no real environment. */
export type Env = (name: string) => string | undefined;

/**
 * The real environment. A variable that the script has no permission to read is
 * absent: its user chose to keep it out.
 *
 * @param name The variable.
 * @returns Its value, or `undefined` when it is unset or empty.
 */
export function realEnv(name: string): string | undefined {
  try {
    return Deno.env.get(name) || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/**
 * The whole real environment, for a child process.
 *
 * @returns The variables, or `undefined` when the script may not read all of them.
 */
export function realEnvironment(): Record<string, string> | undefined {
  try {
    return Deno.env.toObject();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/**
 * Whether the script may read a variable: one that it may not read is absent.
 *
 * @param name The variable.
 */
export function mayReadVariable(name: string): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted";
}

/**
 * Whether this is a Linux under Windows (WSL), by what WSL sets: /proc, which
 * says it too, is not shown to the executable.
 *
 * @param env The environment.
 */
export function isWsl(env: Env = realEnv): boolean {
  return env("WSL_DISTRO_NAME") !== undefined ||
    env("WSL_INTEROP") !== undefined;
}
