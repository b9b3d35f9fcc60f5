/** The commands that the caches use. */
export interface RedisConnection {
  /** Runs a script, with retries while Redis is away, until the timeout; calls back on each send. */
  run(
    script: string,
    keys: string[],
    args: string[],
    sent?: () => void,
  ): Promise<unknown>;
  /** Runs a script once, or not at all while Redis is known to be away; rejects with any error. */
  attempt(script: string, keys: string[], args: string[]): Promise<unknown>;
  /** Reads a field of a hash. */
  read(key: string, field: string): Promise<string | null>;
  /** Queues a script until Redis is back, and retries it until it succeeds. A later one of the same name replaces it. */
  enqueue(
    name: string,
    kind: "tokens" | "logout" | "lock",
    script: string,
    keys: string[],
    args: () => string[],
  ): void;
  /** Removes a script that {@linkcode RedisConnection.enqueue} queued. */
  dequeue(name: string): void;
  /** The clock of the tokens. */
  readonly now: () => number;
  /** The prefix of every key. */
  readonly prefix: string;
  /** The lease, in milliseconds. */
  readonly lease: number;
  /** How long tokens of unknown lifetime are kept, in milliseconds. */
  readonly unknownLifetime: number;
  /** The connection's name in this process's queues. */
  readonly id: number;
}
