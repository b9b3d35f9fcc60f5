import { abortable } from "./abortable.ts";

/** Options of {@linkcode withMutex}. */
export interface WaitOptions {
  /** Ends it, with its reason. */
  readonly signal?: AbortSignal;
}

/** The last waiter of each key, in this process. */
const tails = new Map<string, Promise<unknown>>();

/**
 * Runs functions with the same key one at a time, within this process.
 *
 * @param key What they share.
 * @param run The function.
 * @param options Its signal ends the wait, not the run.
 * @returns What the function returns.
 */
export async function withMutex<T>(
  key: string,
  run: () => Promise<T>,
  options: WaitOptions = {},
): Promise<T> {
  const before = tails.get(key) ?? Promise.resolve();
  const { promise: mine, resolve: done } = Promise.withResolvers<void>();
  // A later caller waits for both: this one may give up while the previous one still runs.
  const tail = before.then(() => mine);
  tails.set(key, tail);
  try {
    await abortable(before, options.signal);
    return await run();
  } finally {
    done();
    if (tails.get(key) === tail) tails.delete(key);
  }
}
