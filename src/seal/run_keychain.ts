import { childEnvironment, type Env, realEnv } from "../config_dir.ts";

/** A program of the system's keychain: no shell sees its arguments, and none of them is a secret. */
export interface KeychainTool {
  /** Its name or path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** What it reads; the one place for a secret. @default {nothing} */
  readonly input?: string;
}

/** How a program ended; `late` when it had to be ended. */
export interface KeychainToolResult {
  /** Its exit code. */
  readonly code: number;
  /** What it wrote. */
  readonly stdout: string;
  /** What it complained about. */
  readonly stderr: string;
  /** Whether it was ended because it took too long: it waits for an answer, or hangs. */
  readonly late: boolean;
}

/** Runs a program to its end; throws `Deno.errors.NotFound` where there is none of that name. */
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
  return async ({ program, args, input = "" }) => {
    const child = new Deno.Command(program, {
      args: [...args],
      ...childEnvironment("tool", { env }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    // A program may end without reading.
    writer.write(new TextEncoder().encode(input))
      .then(() => writer.close()).catch(() => {});
    const output = child.output();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, limit, undefined);
    });
    try {
      const ended = await Promise.race([output, late]);
      if (ended !== undefined) {
        const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        return {
          code: ended.code,
          stdout: text(ended.stdout),
          stderr: text(ended.stderr),
          late: false,
        };
      }
    } finally {
      clearTimeout(timer);
    }
    // What it has started itself may keep its outputs open: they are not waited for.
    output.catch(() => {});
    child.unref();
    try {
      child.kill("SIGKILL");
    } catch {
      // It has just ended.
    }
    return { code: -1, stdout: "", stderr: "", late: true };
  };
}
