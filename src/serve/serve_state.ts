import { removeQuietly, replaceFile } from "../system/files.ts";
import type { ServeState } from "./read_state.ts";
import type { ServePlace } from "./serve_place.ts";

/**
 * Writes what `tdauth status` shows of this server. Nothing depends on it.
 *
 * @param place Where.
 * @param state What it says.
 */
export function writeState({ state }: ServePlace, says: ServeState): void {
  replaceFile(state, `${JSON.stringify(says)}\n`, 0o600);
}

/** Removes it at the end. */
export function removeState({ state }: ServePlace): void {
  removeQuietly(state);
}
