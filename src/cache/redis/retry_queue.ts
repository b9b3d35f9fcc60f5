import { isTransient } from "./redis_error.ts";

/** How long, in milliseconds, between two tries on a live connection: Redis may be full, or suspended. */
const AGAIN = 1_000;

/** The kind of a write: a user's new tokens, a user's logout, or the release of a lock. */
export type QueuedWriteKind = "tokens" | "logout" | "lock";

/** A queued write. */
interface QueuedWrite {
  readonly kind: QueuedWriteKind;
  readonly write: () => Promise<unknown>;
}

/**
 * Writes that failed, retried in order until Redis accepts them. There is at most
 * one of tokens and one of a logout for each user, and one for each lock that
 * Redis may have granted.
 */
export class RetryQueue {
  readonly #waiting = new Map<string, QueuedWrite>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  /** The number of queued writes. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Adds one; it replaces an earlier one of the same name. */
  set(
    name: string,
    kind: QueuedWriteKind,
    write: () => Promise<unknown>,
  ): void {
    this.#waiting.delete(name);
    this.#waiting.set(name, { kind, write });
    this.#later();
  }

  /** Removes one. */
  delete(name: string): void {
    this.#waiting.delete(name);
  }

  /** Retries all of them now. */
  flush(): Promise<void> {
    return this.#running ??= this.#flush().finally(() => {
      this.#running = undefined;
      this.#later();
    });
  }

  /** Drops them, and returns how many there were of a kind. */
  end(): (kind: QueuedWriteKind) => number {
    const kinds = [...this.#waiting.values()].map(({ kind }) => kind);
    this.#waiting.clear();
    clearTimeout(this.#timer);
    return (kind) => kinds.filter((one) => one === kind).length;
  }

  #later(): void {
    clearTimeout(this.#timer);
    if (this.size > 0) {
      this.#timer = setTimeout(() => void this.flush(), AGAIN);
    }
  }

  async #flush(): Promise<void> {
    for (const [name, late] of this.#waiting) {
      try {
        await late.write();
        if (this.#waiting.get(name) === late) this.#waiting.delete(name);
      } catch (error) {
        // No reply: the others would get none either. A rejected one does not hold them up.
        if (isTransient(error)) return;
      }
    }
  }
}
