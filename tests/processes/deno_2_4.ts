/** The oldest Deno that is supported, for the processes of a test. */

import { denoEnvironment } from "../../tools/deno.ts";

/** What starts it. */
export interface OtherDeno {
  /** The executable. */
  readonly deno: string;
  /** What of the environment it needs to be other than this Deno's. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Gets Deno 2.4.2 from npm. It reads the packages that this Deno has fetched,
 * and has a directory of its own for everything else: each would throw out the
 * other's compiled code.
 *
 * @param directory Where that directory is made.
 */
export async function deno24(directory: string): Promise<OtherDeno> {
  const path = await textOf("npx", [
    "-y",
    "deno@2.4.2",
    "eval",
    "console.log(Deno.execPath())",
  ], directory);
  const own = `${directory}/deno_2_4_2`;
  Deno.mkdirSync(own);
  Deno.symlinkSync(`${denoEnvironment().DENO_DIR}/npm`, `${own}/npm`);
  return { deno: path.trim(), env: { DENO_DIR: own } };
}

async function textOf(
  program: string,
  args: string[],
  cwd: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    signal: AbortSignal.timeout(300_000),
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}
