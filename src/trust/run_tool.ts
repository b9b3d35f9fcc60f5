import { TdauthError } from "../errors.ts";

/** A program to run: no shell sees its arguments, and none of them is a secret. */
export interface Tool {
  /** Its name or path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** What it reads. @default {nothing} */
  readonly input?: string;
}

/** How a program ended. */
export interface ToolResult {
  /** Its exit code. */
  readonly code: number;
  /** What it wrote. */
  readonly stdout: string;
  /** What it complained about. */
  readonly stderr: string;
}

/** Runs a program to its end; throws `Deno.errors.NotFound` where there is none of that name. */
export type RunTool = (tool: Tool) => Promise<ToolResult>;

/** How long, in milliseconds, a program may take: some systems ask their user in between. */
const LIMIT = 120_000;

/**
 * Makes what runs programs for real.
 *
 * @param env Their whole environment: nothing else of tdauth's gets through.
 * @param limit How long one may take, in milliseconds. Default: two minutes.
 * @returns What runs them.
 */
export function toolRunner(
  env: Readonly<Record<string, string>>,
  limit = LIMIT,
): RunTool {
  return async ({ program, args, input = "" }) => {
    const child = new Deno.Command(program, {
      args: [...args],
      env: { ...env },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    let late = false;
    const timer = setTimeout(() => {
      try {
        child.kill("SIGKILL");
        late = true;
      } catch {
        // It has just ended.
      }
    }, limit);
    const writer = child.stdin.getWriter();
    // A program may end without reading.
    const written = writer.write(new TextEncoder().encode(input))
      .then(() => writer.close()).catch(() => {});
    const { code, stdout, stderr } = await child.output();
    clearTimeout(timer);
    await written;
    if (late) {
      throw new TdauthError(
        "certificate_failed",
        `Cannot look into a trust store: ${program} did not end within ${
          limit / 1000
        } seconds`,
        { hint: "see whether it waits for an answer, then run it again" },
      );
    }
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  };
}

/**
 * Runs a program that must succeed.
 *
 * @param run Runs it.
 * @param tool The program.
 * @param what What it is to do, for the error: `add … to …`.
 * @param hint What the user can do when it fails.
 * @returns What it wrote.
 * @throws {TdauthError} `certificate_failed` when it fails.
 */
export async function mustRun(
  run: RunTool,
  tool: Tool,
  what: string,
  hint = "run the command again with --verbose for the causes",
): Promise<string> {
  const { code, stdout, stderr } = await run(tool).catch((cause) => {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
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
