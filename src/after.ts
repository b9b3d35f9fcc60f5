/** Does something after so many milliseconds; what it gives back forgets it. */
export type After = (milliseconds: number, act: () => void) => () => void;

/** By the machine's own clock. */
export const after: After = (milliseconds, act) => {
  const timer = setTimeout(act, milliseconds);
  return () => clearTimeout(timer);
};
