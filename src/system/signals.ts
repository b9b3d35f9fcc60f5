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
 * Listens for a signal, which then does nothing else.
 *
 * @param signal The signal; not every one is there on Windows.
 * @param listener What is called.
 * @returns What ends the listening.
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
