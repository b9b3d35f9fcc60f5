import { compile } from "../tools/compile.ts";
import { executable } from "../tests/executable/executable.ts";
import { tryOutput } from "./program.ts";

/** Executables with the same runtime, compiled with the same flags. */
export interface Executables {
  /** The version of their Deno runtime. */
  readonly runtime: string;
  /** `tdauth`. */
  readonly tdauth: string;
  /** The others, in the order of their sources. */
  readonly floors: readonly string[];
}

/**
 * Compiles `tdauth` and the programs that it is compared with.
 *
 * @param sources The files of the others.
 * @param directory Where the executables go.
 * @returns Their paths, or why there are none.
 */
export async function executables(
  sources: readonly string[],
  directory: string,
): Promise<Executables | string> {
  const made = await executable();
  if ("missing" in made) return made.missing;
  const { path, compiler } = made;
  const floors: string[] = [];
  for (const source of sources) {
    const output = source.replace(/\.ts$/, "");
    await compile(source, output, { compiler });
    floors.push(output);
  }
  const tdauth = `${directory}/tdauth`;
  // As new as the others: a file of 100 MB that has left the system's cache once starts 8 % slower ever after.
  Deno.writeFileSync(tdauth, Deno.readFileSync(path), { mode: 0o755 });
  const said = tryOutput([compiler.deno, "--version"], { cwd: directory });
  const runtime = /\d[\d.]+/.exec(said ?? "")?.[0] ?? "unknown";
  return { runtime, tdauth, floors };
}
