/** How important a message is. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** Receives one message, which never contains a secret. */
export type Log = (level: LogLevel, message: string) => void;

/** Every level, the least important first. */
export const LOG_LEVELS: readonly LogLevel[] = [
  "debug",
  "info",
  "warning",
  "error",
];
