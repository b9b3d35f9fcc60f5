import { updateFile } from "../system/atomic_file.ts";
import { removeQuietly } from "../system/files.ts";
import type { ServeState } from "./read_state.ts";
import type { ServePlace } from "./serve_place.ts";

/**
 * Writes what `tdauth status` shows of this server. Nothing depends on it.
 *
 * @param place Where.
 * @param state What it says.
 */
export function writeState({ state }: ServePlace, says: ServeState): void {
  // In turn with the writers of tokens beside it, who remove what the dead leave.
  updateFile(state, () => `${JSON.stringify(says)}\n`);
}

/** Removes it at the end. */
export function removeState({ state }: ServePlace): void {
  removeQuietly(state);
}
