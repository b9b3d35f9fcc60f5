/** Finds files that import each other in a circle. */
import type { Graph } from "./graph.ts";

/**
 * Finds circles: for each group of files that hang together in circles a
 * shortest one. When it is gone, the next run finds the next.
 *
 * @param graph What each file imports.
 * @returns The files of each circle in the order of their imports; the last imports the first.
 */
export function circles(graph: Graph): string[][] {
  return groups(graph).map((group) => {
    const inside: Graph = new Map(
      group.map((file) => [
        file,
        (graph.get(file) ?? []).filter((target) => group.includes(target)),
      ]),
    );
    return group.map((file) => shortestBack(inside, file))
      .reduce((best, one) => one.length < best.length ? one : best);
  });
}

/** The groups of files of which each reaches each, those of one file only when it imports itself. */
function groups(graph: Graph): string[][] {
  const reached = new Map(
    [...graph.keys()].map((file) => [file, reachable(graph, file)]),
  );
  const seen = new Set<string>();
  const found: string[][] = [];
  for (const [file, targets] of reached) {
    if (seen.has(file) || !targets.has(file)) continue;
    const group = [...targets].filter((other) => reached.get(other)?.has(file))
      .sort();
    for (const other of group) seen.add(other);
    found.push(group);
  }
  return found;
}

/** The files that a file imports, directly and through others; itself only through a circle. */
function reachable(graph: Graph, file: string): Set<string> {
  const found = new Set<string>();
  const next = [...graph.get(file) ?? []];
  for (let at = next.pop(); at !== undefined; at = next.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    next.push(...graph.get(at) ?? []);
  }
  return found;
}

/** The shortest way from a file back to itself; it must have one. */
function shortestBack(graph: Graph, file: string): string[] {
  const ways: string[][] = [[file]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const target of graph.get(way.at(-1) ?? file) ?? []) {
      if (target === file) return way;
      if (seen.has(target)) continue;
      seen.add(target);
      ways.push([...way, target]);
    }
  }
  return [file];
}
