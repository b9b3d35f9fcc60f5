/** Does something after so many milliseconds; what it gives back forgets it. */
export type After = (milliseconds: number, act: () => void) => () => void;

/**
 * {@linkcode After} by the machine's own clock.
 *
 * @param milliseconds When.
 * @param act What.
 * @returns What forgets it.
 */
export function after(milliseconds: number, act: () => void): () => void {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
}
