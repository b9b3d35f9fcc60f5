/** What the house forbids about imports, and about where files lie. */
import { circles } from "./circles.ts";
import type { Graph } from "./graph.ts";
import { CIRCULAR, placeOf, RANKS, SANDBOX_SHARES } from "./rooms.ts";

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
 * @param circular The rooms that may have some still.
 * @returns What is wrong, a line each; rooms of the list without a circle are.
 */
export function circleProblems(
  graph: Graph,
  circular: readonly string[] = CIRCULAR,
): string[] {
  const found = circles(graph);
  const allowed = (path: string) => circular.includes(placeOf(path).room);
  return [
    ...found.filter((circle) => !circle.every(allowed)).map((circle) =>
      `a circle of imports: ${[...circle, circle[0]].join(" -> ")}`
    ),
    ...circular.filter((room) =>
      !found.some((circle) =>
        circle.some((path) => placeOf(path).room === room)
      )
    ).map((room) =>
      `src/${room} has no circle any more: take it out of CIRCULAR in tools/imports/rooms.ts`
    ),
  ];
}

/**
 * Finds what lies in src/ and has no place in the table, and what the table
 * lets stay although it has left.
 *
 * @param names The files and folders of src/.
 * @returns What is wrong, a line each.
 */
export function roomProblems(names: readonly string[]): string[] {
  return [
    ...names.filter((name) => placeOf(`src/${name}`).rank < 0).map((name) =>
      name.endsWith(".ts")
        ? `src/${name} is in no room: src/ holds rooms only`
        : `src/${name} is in no rank: give it one in tools/imports/rooms.ts`
    ),
    ...RANKS.flatMap(({ leaving = [] }) => leaving)
      .filter((name) => !names.includes(name)).map((name) =>
        `src/${name} is gone: take it out of tools/imports/rooms.ts`
      ),
  ];
}
