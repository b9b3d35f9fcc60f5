import { type Log, LOG_LEVELS, type LogLevel } from "../base/log.ts";
import { stderr, writeText } from "./standard_streams.ts";

/**
 * Writes messages to stderr, a line each.
 *
 * @param least The least important level that is written.
 * @returns The log.
 */
export function stderrLog(least: LogLevel): Log {
  return (level, message) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    writeText(stderr, `tdauth: ${message}\n`);
  };
}
