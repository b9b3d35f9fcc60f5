import { shown } from "../base/shown.ts";
import { type Log, LOG_LEVELS, type LogLevel } from "../base/log.ts";
import { stderr, writeText } from "./standard_streams.ts";

/**
 * Returns a log that writes messages to stderr, a line each.
 *
 * @param least The least important level to write.
 * @returns The log.
 */
export function stderrLog(least: LogLevel): Log {
  return (level, message) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    writeText(stderr, `tdauth: ${shown(message)}\n`);
  };
}
