/** The longest timer, in milliseconds: a longer one would fire immediately. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Runs a function after a delay and returns a function that cancels it. */
export type After = (milliseconds: number, act: () => void) => () => void;

/**
 * {@linkcode After} on the machine's clock.
 *
 * @param milliseconds The delay; 24 days at most.
 * @param act The function.
 * @returns A function that cancels it.
 */
export function after(milliseconds: number, act: () => void): () => void {
  const timer = setTimeout(act, Math.min(milliseconds, LONGEST_TIMER));
  return () => clearTimeout(timer);
}
