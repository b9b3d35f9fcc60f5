import { abortable } from "./abortable.ts";

/** What ends a wait. */
export interface WaitOptions {
  /** Ends it, with its reason. */
  readonly signal?: AbortSignal;
}

/** The last of those who wait, by key, in this process. */
const tails = new Map<string, Promise<unknown>>();

/**
 * Runs functions with the same key one after the other, within this process.
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
  // Who comes later waits for both: this one may give up while the one before still runs.
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
