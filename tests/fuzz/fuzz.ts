/** How the fuzz tests draw: the same in every run unless told otherwise, so that a failure comes back. */
import type fc from "fast-check";

/** Another draw than the usual one; fast-check prints the seed of a failure. */
const SEED = Number(Deno.env.get("TDAUTH_FUZZ_SEED") ?? 20261123);
/** How many times as many runs as usual. */
const TIMES = Number(Deno.env.get("TDAUTH_FUZZ_TIMES") ?? 1);

/** Parameters for `fc.assert`, for so many runs. */
export function runs<Values>(numRuns: number): fc.Parameters<Values> {
  return { seed: SEED, numRuns: Math.ceil(numRuns * TIMES) };
}

/** Parameters for properties that use the network: a failure is told at once, without looking for a smaller one. */
export function networkRuns<Values>(numRuns: number): fc.Parameters<Values> {
  return { ...runs<Values>(numRuns), endOnFailure: true };
}
