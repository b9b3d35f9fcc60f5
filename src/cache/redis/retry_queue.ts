import { isTransient } from "./redis_error.ts";

/** How long, in milliseconds, between two tries while the connection stands: Redis may be full, or stopped. */
const AGAIN = 1_000;

/** What a write is about: a user's new tokens, a user's logout, or a lock that is given back. */
export type QueuedWriteKind = "tokens" | "logout" | "lock";

/** A write that waits. */
interface QueuedWrite {
  readonly kind: QueuedWriteKind;
  readonly write: () => Promise<unknown>;
}

/**
 * Writes that Redis did not take, tried again until it does, in the order in
 * which they came. There is one of tokens and one of a logout for each user at
 * most, and one for each lock that Redis may have given.
 */
export class RetryQueue {
  readonly #waiting = new Map<string, QueuedWrite>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Adds one; of the same name the later one takes the place of the earlier one. */
  set(
    name: string,
    kind: QueuedWriteKind,
    write: () => Promise<unknown>,
  ): void {
    this.#waiting.delete(name);
    this.#waiting.set(name, { kind, write });
    this.#later();
  }

  /** Takes one back. */
  delete(name: string): void {
    this.#waiting.delete(name);
  }

  /** Tries all of them now. */
  flush(): Promise<void> {
    return this.#running ??= this.#flush().finally(() => {
      this.#running = undefined;
      this.#later();
    });
  }

  /** Forgets them, and gives how many there were of a kind. */
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
        // No answer: the others would get none either. One that is refused does not hold them up.
        if (isTransient(error)) return;
      }
    }
  }
}
