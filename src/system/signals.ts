/** A signal that tdauth listens for or sends. */
export type Signal =
  | "SIGINT"
  | "SIGTERM"
  | "SIGHUP"
  | "SIGBREAK"
  | "SIGQUIT"
  | "SIGUSR1"
  | "SIGUSR2"
  | "SIGWINCH";

/**
 * Listens for a signal, and replaces its default action.
 *
 * @param signal The signal; Windows has only some of them.
 * @param listener The function to call.
 * @returns A function that stops listening.
 */
export function onSignal(signal: Signal, listener: () => void): () => void {
  Deno.addSignalListener(signal, listener);
  return () => Deno.removeSignalListener(signal, listener);
}

/**
 * Sends a signal to this process itself.
 *
 * @param signal The signal.
 */
export function signalSelf(signal: Signal): void {
  Deno.kill(Deno.pid, signal);
}
