/** What the house forbids about imports, and about where files lie. */
import { circles } from "./circles.ts";
import type { Graph } from "./graph.ts";
import { placeOf, SANDBOX_SHARES } from "./rooms.ts";

/**
 * Finds imports from higher ranks and from neighbours, and what the practice
 * broker shares with the client.
 *
 * @param graph What each file imports.
 * @returns What is wrong, a line each.
 */
export function rankProblems(graph: Graph): string[] {
  const problems: string[] = [];
  for (const [path, targets] of graph) {
    const from = placeOf(path);
    for (const target of targets) {
      const to = placeOf(target);
      if (to.room === from.room || from.rank < 0 || to.rank < 0) continue;
      if (to.rank >= from.rank) {
        problems.push(
          `${path} (rank ${from.rank}) imports ${target} (rank ${to.rank})`,
        );
      }
      if (from.room === "sandbox" && !SANDBOX_SHARES.includes(target)) {
        problems.push(
          `${path} shares ${target} with the client: both could be wrong together`,
        );
      }
    }
  }
  return problems;
}

/**
 * Finds circles of imports, those inside a room included.
 *
 * @param graph What each file imports.
 * @returns What is wrong, a line each.
 */
export function circleProblems(graph: Graph): string[] {
  return circles(graph).map((circle) =>
    `a circle of imports: ${[...circle, circle[0]].join(" -> ")}`
  );
}

/**
 * Finds what lies in src/ and has no place in the table of rooms.
 *
 * @param names The files and folders of src/.
 * @returns What is wrong, a line each.
 */
export function roomProblems(names: readonly string[]): string[] {
  return names.filter((name) => placeOf(`src/${name}`).rank < 0).map((name) =>
    name.endsWith(".ts")
      ? `src/${name} is in no room: src/ holds rooms only`
      : `src/${name} is in no rank: give it one in tools/imports/rooms.ts`
  );
}
