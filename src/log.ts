/** How important a message is. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** Takes one message, which holds no secret. */
export type Log = (level: LogLevel, message: string) => void;

const ORDER: readonly LogLevel[] = ["debug", "info", "warning", "error"];

/**
 * Writes messages to stderr, a line each.
 *
 * @param least The least important level that is written.
 * @returns The log.
 */
export function stderrLog(least: LogLevel): Log {
  return (level, message) => {
    if (ORDER.indexOf(level) < ORDER.indexOf(least)) return;
    Deno.stderr.writeSync(new TextEncoder().encode(`tdauth: ${message}\n`));
  };
}
