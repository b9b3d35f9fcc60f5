/**
 * The table of rooms: what stands on what, and what has not moved yet. A file
 * imports from its own room and from lower ranks only.
 */

/** A rank of the house. */
export interface Rank {
  /** Folders of src/, which know lower ranks and not each other. */
  readonly rooms: readonly string[];
  /** Files and folders of src/ that are on this rank and are to move into rooms. The list only shrinks. */
  readonly leaving?: readonly string[];
}

/** The ranks, lowest first. */
export const RANKS: readonly Rank[] = [
  { rooms: [], leaving: ["after.ts", "shell_word.ts"] },
  { rooms: ["base"] },
  {
    rooms: [],
    leaving: [
      "deadline.ts",
      "errors.ts",
      "token.ts",
      "provider.ts",
      "loopback.ts",
      "log.ts",
      "network.ts",
      "unfetched.ts",
      "wrong_number.ts",
    ],
  },
  { rooms: ["token"] },
  { rooms: ["system"] },
  { rooms: ["providers", "seal"] },
  { rooms: ["oauth", "cache", "sandbox"], leaving: ["protocol"] },
  {
    rooms: ["settings", "login", "certificate", "testing"],
    leaving: ["redis", "refresh", "logout.ts", "token_files"],
  },
  {
    rooms: [],
    leaving: [
      "check_provider.ts",
      "provider_by_name.ts",
      "profile_cache.ts",
      "authorize_options.ts",
      "authorization.ts",
      "trust",
    ],
  },
  { rooms: [], leaving: ["context.ts"] },
  { rooms: ["client"] },
  { rooms: ["web", "gateway"], leaving: ["authorize.ts"] },
  { rooms: ["cli"], leaving: ["web_handler.ts"] },
];

/** Rooms whose files import each other in circles still. The list only shrinks. */
export const CIRCULAR: readonly string[] = [];

/** What the practice broker takes from the client; whatever else it shared could be wrong in both. */
export const SANDBOX_SHARES: readonly string[] = [
  "src/provider.ts",
  "src/providers/provider.ts",
];

/** A file's place in the house. */
export interface Place {
  /** The folder of src/, or the file where it lies in none; `""` for an entry point beside src/. */
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
  const rank = RANKS.findIndex(({ rooms, leaving }) =>
    rooms.includes(room) || leaving?.includes(room)
  );
  return { room, rank };
}
