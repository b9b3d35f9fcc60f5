/**
 * Finds what a misspelled word was meant to be.
 *
 * @param word The word.
 * @param known The known words.
 * @returns The nearest one, or `undefined` if none is near.
 */
export function nearest(
  word: string,
  known: readonly string[],
): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, word.length / 4);
  for (const candidate of known) {
    const steps = distance(letters(word), letters(candidate));
    if (steps <= least && (best === undefined || steps < least)) {
      best = candidate;
      least = steps;
    }
  }
  return best;
}

/** consumer_key, consumerKey and CONSUMER-KEY are one word to a person. */
function letters(word: string): string {
  return word.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** The Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
