/** How the fuzz tests draw: the same in every run unless told otherwise, so that a failure comes back. */
import fc from "fast-check";

/** Another draw than the usual one; fast-check prints the seed of a failure. */
const SEED = Number(Deno.env.get("TDAUTH_FUZZ_SEED") ?? 20261123);
/** How many times as many runs as usual. */
const TIMES = Number(Deno.env.get("TDAUTH_FUZZ_TIMES") ?? 1);

/** How many runs at least, for `deno task torture`. */
const LEAST = Number(Deno.env.get("TDAUTH_FUZZ_LEAST") ?? 0);

/** Parameters for `fc.assert`, for so many runs. */
export function runs<Values>(numRuns: number): fc.Parameters<Values> {
  return { seed: SEED, numRuns: Math.max(Math.ceil(numRuns * TIMES), LEAST) };
}

/** Parameters for properties that use the network: a failure is told at once, without looking for a smaller one. */
export function networkRuns<Values>(numRuns: number): fc.Parameters<Values> {
  return { ...runs<Values>(numRuns), endOnFailure: true };
}

/** What may become of a valid file: its end cut off, bits turned, its beginning blank, or something put in. */
export function damages(valid: Uint8Array): fc.Arbitrary<Uint8Array>[] {
  const place = fc.nat(valid.length - 1);
  return [
    place.map((end) => valid.slice(0, end)),
    fc.tuple(place, fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
      const copy = valid.slice();
      copy[at] = (copy[at] ?? 0) ^ bits;
      return copy;
    }),
    // What a crash leaves behind on some file systems.
    place.map((start) => valid.slice().fill(0, start)),
    fc.tuple(place, fc.uint8Array({ maxLength: 20 })).map(([at, put]) =>
      Uint8Array.from([...valid.slice(0, at), ...put, ...valid.slice(at)])
    ),
  ];
}
