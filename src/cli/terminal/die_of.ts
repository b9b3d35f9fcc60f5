import { type Signal, signalSelf } from "../../system/signals.ts";

/**
 * Ends this process by a signal, whose default action must be restored.
 *
 * @param signal The signal.
 * @returns Resolves when it did not.
 */
export async function dieOf(signal: Signal): Promise<void> {
  signalSelf(signal);
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
