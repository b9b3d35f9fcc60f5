/** Which file loads which when the program runs: types are left out. */
import type { Info } from "../imports/graph.ts";

/** What each file imports, by path from the project's root; a package or `node:` by its specifier. */
export type CodeGraph = ReadonlyMap<string, readonly string[]>;

/**
 * Takes the imports that run out of what `deno info --json` says, a literal
 * `import()` included.
 *
 * @param info Its output, parsed.
 * @param root The project's URL, with a slash at the end.
 * @returns The graph of the project's own files.
 */
export function codeGraph(info: Info, root: string): CodeGraph {
  return new Map(
    info.modules.filter(({ specifier }) => specifier.startsWith(root)).map((
      { specifier, dependencies = [] },
    ) => [
      shortened(specifier, root),
      dependencies.flatMap(({ code }) =>
        code?.specifier === undefined ? [] : [shortened(code.specifier, root)]
      ),
    ]),
  );
}

/**
 * Shortens a module's URL.
 *
 * @param url The URL.
 * @param root The project's URL, with a slash at the end.
 * @returns The path from the root; for a module elsewhere its URL.
 */
export function shortened(url: string, root: string): string {
  return url.startsWith(root) ? url.slice(root.length) : url;
}

/**
 * Follows a graph.
 *
 * @param graph The graph.
 * @param from Where to begin.
 * @returns All that is reached, each with what it was first reached from.
 */
export function reached(
  graph: CodeGraph,
  from: readonly string[],
): Map<string, string | undefined> {
  const found = new Map<string, string | undefined>(
    from.map((path) => [path, undefined]),
  );
  // A map is walked in the order of its entries, those added meanwhile included.
  for (const path of found.keys()) {
    for (const target of graph.get(path) ?? []) {
      if (!found.has(target)) found.set(target, path);
    }
  }
  return found;
}

/**
 * Returns the imports that lead to a file.
 *
 * @param found What was reached.
 * @param path The file.
 * @returns `cli.ts > src/a.ts > src/b.ts`.
 */
export function chainTo(
  found: ReadonlyMap<string, string | undefined>,
  path: string,
): string {
  const from = found.get(path);
  return from === undefined ? path : `${chainTo(found, from)} > ${path}`;
}
