/** How important a message is. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** Takes one message, which holds no secret. */
export type Log = (level: LogLevel, message: string) => void;
