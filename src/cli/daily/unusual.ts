/** The whole program must answer: it knows what is wrong, or does more. Nothing was printed or changed. */
export class Unusual extends Error {}

/** Leaves the command to the whole program. */
export function unusual(): never {
  throw new Unusual();
}
