/** How important a message is. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** Takes one message, which holds no secret. */
export type Log = (level: LogLevel, message: string) => void;

/** Every level, the least important first. */
export const LOG_LEVELS: readonly LogLevel[] = [
  "debug",
  "info",
  "warning",
  "error",
];
