/**
 * What tells a command that counts a signal that no more of them come: another
 * signal, which `tdauth exec` passes on after whatever it has to pass on before.
 *
 * @param signal The signal that is counted.
 */
export function endOf(signal: string): "SIGUSR1" | "SIGUSR2" {
  return signal === "SIGUSR2" ? "SIGUSR1" : "SIGUSR2";
}
