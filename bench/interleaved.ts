/** What is measured: a name and something that takes time. */
export interface Contender {
  /** What the table calls it. */
  readonly name: string;
  /** Does it once; resolves when it is done. */
  readonly run: () => Promise<void>;
}

/** What was measured, in milliseconds. */
export interface Result {
  /** What the table calls it. */
  readonly name: string;
  /** The median. */
  readonly median: number;
  /** The quickest. */
  readonly least: number;
  /** The median of its ratios to the first contender, each within one round. */
  readonly ratio: number;
}

/**
 * Measures contenders in turn, round by round, so that what slows the machine
 * slows all of them; the first one is the floor that the others are compared to.
 *
 * @param contenders What is measured.
 * @param rounds How often each.
 * @returns The results, in the same order.
 */
export async function interleaved(
  contenders: readonly Contender[],
  rounds: number,
): Promise<Result[]> {
  const times = contenders.map((): number[] => []);
  for (let round = -3; round < rounds; round++) { // the first three warm the caches
    for (const [index, { run }] of contenders.entries()) {
      const start = performance.now();
      await run();
      if (round >= 0) times[index]?.push(performance.now() - start);
    }
  }
  const floor = times[0] ?? [];
  return contenders.map(({ name }, index) => {
    const own = times[index] ?? [];
    return {
      name,
      median: median(own),
      least: Math.min(...own),
      ratio: median(own) / median(floor),
    };
  });
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

/** The results as lines of a Markdown table. */
export function table(title: string, results: readonly Result[]): string {
  const rows = results.map(({ name, median, least, ratio }) =>
    `| ${name} | ${median.toFixed(1)} | ${least.toFixed(1)} | ${
      ratio.toFixed(2)
    } |`
  );
  return [
    `| ${title} | median ms | least ms | ratio |`,
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
}
