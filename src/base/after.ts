/** Runs a function after a delay and returns a function that cancels it. */
export type After = (milliseconds: number, act: () => void) => () => void;

/**
 * {@linkcode After} on the machine's clock.
 *
 * @param milliseconds The delay.
 * @param act The function.
 * @returns A function that cancels it.
 */
export function after(milliseconds: number, act: () => void): () => void {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
}
