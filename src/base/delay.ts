import { LONGEST_TIMER } from "./after.ts";

/**
 * Waits.
 *
 * @param milliseconds How long; 24 days at most.
 * @param signal Ends the wait, which then rejects with its reason.
 * @returns A promise that resolves when it is over.
 */
export function delay(
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(done, Math.min(milliseconds, LONGEST_TIMER));
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    function done(): void {
      signal?.removeEventListener("abort", abort);
      resolve();
    }
  });
}
