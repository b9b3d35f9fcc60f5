/**
 * The table of rooms: what stands on what. A file imports from its own room and
 * from lower ranks only.
 */

/** The rooms of src/ by rank, lowest first. Rooms of one rank do not know each other. */
export const RANKS: readonly (readonly string[])[] = [
  ["base"],
  ["token"],
  ["system"],
  ["providers", "seal"],
  ["oauth", "cache", "sandbox"],
  ["settings", "testing"],
  ["login", "certificate"],
  ["client"],
  ["hooks", "token_files", "web"],
  ["serve"],
  ["cli"],
];

/** What the practice broker takes from the client; whatever else it shared could be wrong in both. */
export const SANDBOX_SHARES: readonly string[] = [
  "src/providers/provider.ts",
  "src/providers/provider.ts",
];

/** A file's place in the house. */
export interface Place {
  /** The folder of src/; `""` for an entry point beside src/. */
  readonly room: string;
  /** The index in {@linkcode RANKS}; entry points are above all, -1 is none. */
  readonly rank: number;
}

/**
 * Tells where a file belongs.
 *
 * @param path The path from the project's root.
 */
export function placeOf(path: string): Place {
  if (!path.startsWith("src/")) return { room: "", rank: RANKS.length };
  const room = path.split("/")[1] ?? path;
  const rank = RANKS.findIndex((rooms) => rooms.includes(room));
  return { room, rank };
}
