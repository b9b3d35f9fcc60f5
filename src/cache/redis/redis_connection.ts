/** The commands that the caches use. */
export interface RedisConnection {
  /** Runs a script, again and again while Redis is away, for as long as the patience lasts; says each time that it is sent. */
  run(
    script: string,
    keys: string[],
    args: string[],
    sent?: () => void,
  ): Promise<unknown>;
  /** Runs a script once, or not at all while Redis is known to be away; rejects with whatever went wrong. */
  attempt(script: string, keys: string[], args: string[]): Promise<unknown>;
  /** Reads a field of a hash. */
  read(key: string, field: string): Promise<string | null>;
  /** Runs a script when Redis is back, again and again until it is done. One a name; a later one takes its place. */
  enqueue(
    name: string,
    kind: "tokens" | "logout" | "lock",
    script: string,
    keys: string[],
    args: () => string[],
  ): void;
  /** Takes back what {@linkcode RedisConnection.enqueue} was told. */
  dequeue(name: string): void;
  /** The clock of the tokens. */
  readonly now: () => number;
  /** What every key begins with. */
  readonly prefix: string;
  /** The lease, in milliseconds. */
  readonly lease: number;
  /** How long tokens are kept whose life nobody knows, in milliseconds. */
  readonly unknownLifetime: number;
  /** Names the connection in this process's queues. */
  readonly id: number;
}
