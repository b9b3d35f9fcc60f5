/** A contender: a name and something that takes time. */
export interface Contender {
  /** What the table calls it. */
  readonly name: string;
  /** The contender to compare it to. @default {none: it is a floor itself} */
  readonly floor?: string;
  /** The number of calls in one `run`. @default {1} */
  readonly calls?: number;
  /** Runs it; resolves when it is done. */
  readonly run: () => Promise<void> | void;
}

/** A ratio with its error. */
export interface Ratio {
  /** The median of the ratios, each within one round. */
  readonly ratio: number;
  /** The lower end of the median's 95 % confidence interval. */
  readonly low: number;
  /** The upper end. */
  readonly high: number;
}

/** A result. Times are milliseconds per call. */
export interface Result extends Ratio {
  /** What the table calls it. */
  readonly name: string;
  /** Its baseline; its own name for a floor. */
  readonly floor: string;
  /** The median. */
  readonly median: number;
  /** The quickest. */
  readonly least: number;
}

/**
 * Measures contenders in turn, round by round, so that a slowdown of the machine
 * affects all of them.
 *
 * @param contenders The contenders.
 * @param rounds The number of rounds.
 * @returns The results, in the same order.
 */
export async function interleaved(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Result[]> {
  const times = new Map(contenders.map(({ name }) => [name, [] as number[]]));
  for (let round = -3; round < rounds; round++) { // the first three warm the caches
    for (const { name, run, calls = 1 } of contenders) {
      const start = performance.now();
      await run();
      const took = (performance.now() - start) / calls;
      if (round >= 0) times.get(name)?.push(took);
    }
  }
  return contenders.map(({ name, floor = name }) => {
    const own = times.get(name) ?? [];
    const others = times.get(floor);
    if (others === undefined) throw new Error(`no contender "${floor}"`);
    return {
      name,
      floor,
      median: median(own),
      least: Math.min(...own),
      ...ratioOf(own, others),
    };
  });
}

/**
 * Compares measurements of the same rounds. The interval is the one between two
 * order statistics of the rounds' ratios, which assumes no distribution.
 *
 * @param own The values.
 * @param floor The divisors, in the same order.
 * @returns The median ratio with its 95 % confidence interval.
 */
export function ratioOf(
  own: readonly number[],
  floor: readonly number[],
): Ratio {
  const ratios = own.map((value, round) => value / (floor[round] ?? NaN))
    .toSorted((a, b) => a - b);
  const { length } = ratios;
  const rank = Math.max(
    0,
    Math.floor(length / 2 - 0.98 * Math.sqrt(length)) - 1,
  );
  return {
    ratio: median(ratios),
    low: ratios[rank] ?? NaN,
    high: ratios[length - 1 - rank] ?? NaN,
  };
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
