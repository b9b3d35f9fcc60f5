import type { Log, LogLevel } from "../log.ts";
import { stderr, writeText } from "./standard_streams.ts";

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
    writeText(stderr, `tdauth: ${message}\n`);
  };
}
