/** The compiled program, made once for all tests that run it. */
import { dirname, join } from "node:path";
import {
  type Bundle,
  bundle,
  compileBundle,
  type Compiler,
  PERMISSIONS,
  ROOT,
  RuntimeUnavailable,
} from "../../tools/compile.ts";
import { useProgram } from "../cli/machine.ts";
import { deno24 } from "../processes/deno_2_4.ts";
import { temporaryDirectory } from "../support.ts";
import { npmRuntime } from "./npm_runtime.ts";
import { DENO } from "../../tools/deno.ts";

/** The executable, or why this machine has none. */
export type Executable =
  | {
    readonly path: string;
    /** The Deno that made it, for other programs on the same runtime. */
    readonly compiler: Compiler;
  }
  | { readonly missing: string };

/**
 * The executable of the present source. Whoever asks first makes it; all others,
 * in this test run and in the next ones, find it in `dist/`.
 */
export async function executable(): Promise<Executable> {
  await using work = temporaryDirectory();
  const files = await bundle(join(work.path, "bundle"));
  const directory = join(ROOT, "dist", ".tests");
  const own = join(directory, await hashOf(dirname(files.entry)));
  Deno.mkdirSync(directory, { recursive: true });
  using lock = Deno.openSync(join(directory, ".lock"), {
    create: true,
    write: true,
  });
  await lock.lock(true);
  removeOld(directory, own);
  const answer = join(own, "answer.json");
  try {
    return JSON.parse(Deno.readTextFileSync(answer));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (exists(own)) Deno.removeSync(own, { recursive: true }); // somebody was interrupted
  Deno.mkdirSync(own);
  const made = await make(files, own);
  Deno.writeTextFileSync(answer, JSON.stringify(made));
  return made;
}

/**
 * Registers the tests of other files once more, for the executable.
 *
 * @param suites Imports those files, none of which may have been imported before.
 */
export async function testExecutable(
  title: string,
  suites: () => Promise<unknown>,
): Promise<void> {
  const program = await executable();
  if ("missing" in program) {
    Deno.test({
      name: `${title} (ignored: there is no executable: ${program.missing})`,
      ignore: true,
      fn: () => {},
    });
    return;
  }
  useProgram(program.path);
  await suites();
}

/**
 * Compiles with this Deno's runtime where that can be downloaded, or else with
 * the newest one that npm has, by the Deno of its version.
 */
async function make(files: Bundle, directory: string): Promise<Executable> {
  const path = join(directory, "tdauth");
  try {
    const compiler = { deno: DENO };
    await compileBundle(files, path, compiler);
    return { path, compiler };
  } catch (error) {
    if (!(error instanceof RuntimeUnavailable)) throw error;
  }
  let compiler: Compiler;
  try {
    const DENORT_BIN = await npmRuntime();
    const { deno, env } = await deno24(directory);
    compiler = { deno, env: { ...env, DENORT_BIN } };
  } catch (error) {
    return {
      missing: `neither Deno nor npm could download its runtime: ${error}`,
    };
  }
  await compileBundle(files, path, compiler);
  return { path, compiler };
}

/** What the executable is made of, as one name. */
async function hashOf(directory: string): Promise<string> {
  const parts = [...PERMISSIONS, Deno.version.deno];
  for (const path of filesIn(directory)) {
    parts.push(path, Deno.readTextFileSync(join(directory, path)));
  }
  const bytes = new TextEncoder().encode(JSON.stringify(parts));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return hash.toHex().slice(0, 16);
}

/** The paths of all files in a directory, from there, sorted. */
export function filesIn(directory: string, from = ""): string[] {
  return [...Deno.readDirSync(join(directory, from))].flatMap((entry) => {
    const path = join(from, entry.name);
    return entry.isDirectory ? filesIn(directory, path) : [path];
  }).sort();
}

/** Executables are large: those of older sources go, and so does an old answer that there is none. */
function removeOld(directory: string, own: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(directory)) {
    const path = join(directory, name);
    const age = Date.now() - (Deno.statSync(path).mtime?.getTime() ?? 0);
    const failed = path === own && !exists(join(path, "tdauth"));
    if (isDirectory && (path !== own || failed) && age > 600_000) {
      Deno.removeSync(path, { recursive: true });
    }
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
