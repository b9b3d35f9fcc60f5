import { compile } from "../tools/compile.ts";
import { executable } from "../tests/executable/executable.ts";
import { tryOutput } from "./program.ts";

/** Executables with the same runtime, compiled with the same flags. */
export interface Executables {
  /** The version of their Deno runtime. */
  readonly runtime: string;
  /** An empty program. */
  readonly empty: string;
  /** A program that only reads and parses the token file. */
  readonly read: string;
  /** `tdauth`. */
  readonly tdauth: string;
}

/**
 * Compiles `tdauth` and its baselines.
 *
 * @param empty The empty program's source.
 * @param read The source of the one that only reads.
 * @param directory Where the executables go.
 * @returns Their paths, or why there are none.
 */
export async function executables(
  empty: string,
  read: string,
  directory: string,
): Promise<Executables | string> {
  const made = await executable();
  if ("missing" in made) return made.missing;
  const { path, compiler } = made;
  const paths = {
    empty: `${directory}/empty`,
    read: `${directory}/read`,
    tdauth: `${directory}/tdauth`,
  };
  await compile(empty, paths.empty, { compiler });
  await compile(read, paths.read, { compiler });
  // As new as the others: a file of 100 MB that has left the system's cache once starts 8 % slower ever after.
  Deno.writeFileSync(paths.tdauth, Deno.readFileSync(path), { mode: 0o755 });
  const said = tryOutput([compiler.deno, "--version"], { cwd: directory });
  const runtime = /\d[\d.]+/.exec(said ?? "")?.[0] ?? "unknown";
  return { runtime, ...paths };
}
