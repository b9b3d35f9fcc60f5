/** A runtime for executables from npm, for machines that reach nothing else. */
import { join } from "node:path";
import { temporaryDirectory } from "../support.ts";
import { denoEnvironment } from "../../tools/deno.ts";

/** A package whose executables `deno compile` 2.4.2 made, so that each holds its whole `denort`. */
const PACKAGE = "@vltpkg/cli-linux-x64@0.0.0-18";
/** One of them, and its checksum: nothing else is ever run. */
const FILE = "package/vlt";
const SHA256 =
  "b38c4d77b5394feb3660d20f9d0ebabd01276534f139d579efd5d5f55c2a42bc";

/**
 * The `denort` of Deno 2.4.2 for Linux on x86-64, downloaded once (182 MB) and
 * then kept where Deno keeps its own downloads.
 *
 * @returns Its path.
 */
export async function npmRuntime(): Promise<string> {
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") {
    throw new Error(`npm has none for ${Deno.build.target}`);
  }
  const path = join(denoEnvironment().DENO_DIR, "tdauth_tests_denort_2_4_2");
  if (await isGenuine(path)) return path;
  await using work = temporaryDirectory();
  await run("npm", ["pack", "--silent", PACKAGE], work.path);
  const [archive] = Deno.readDirSync(work.path);
  await run("tar", ["-xzf", archive?.name ?? "", FILE], work.path);
  const file = join(work.path, FILE);
  if (!await isGenuine(file)) {
    throw new Error(`${PACKAGE} is not what it was when it was looked at`);
  }
  Deno.chmodSync(file, 0o755);
  // The copy is whole before it has its name, wherever the temporary directory is.
  const copy = `${path}.${crypto.randomUUID()}`; // another run may be at it, too
  Deno.copyFileSync(file, copy);
  Deno.renameSync(copy, path);
  return path;
}

async function isGenuine(path: string): Promise<boolean> {
  let bytes;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.toHex() === SHA256;
}

async function run(
  program: string,
  args: string[],
  cwd: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1" },
    signal: AbortSignal.timeout(300_000),
  }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}
