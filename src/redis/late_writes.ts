import { isPassing } from "./answers.ts";

/** How long, in milliseconds, between two tries while the connection stands: Redis may be full, or stopped. */
const AGAIN = 1_000;

/**
 * Writes that Redis did not take, tried again until it does. There are no more
 * of them than there was work under way when it went away.
 */
export class LateWrites {
  readonly #waiting = new Map<string, () => Promise<unknown>>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<void> | undefined;

  /** How many wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Adds one; of the same name the later one takes the place of the earlier one. */
  set(name: string, write: () => Promise<unknown>): void {
    this.#waiting.set(name, write);
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

  /** Forgets them, and gives how many there were. */
  end(): number {
    const { size } = this;
    this.#waiting.clear();
    clearTimeout(this.#timer);
    return size;
  }

  #later(): void {
    clearTimeout(this.#timer);
    if (this.size > 0) {
      this.#timer = setTimeout(() => void this.flush(), AGAIN);
    }
  }

  async #flush(): Promise<void> {
    for (const [name, write] of this.#waiting) {
      try {
        await write();
        if (this.#waiting.get(name) === write) this.#waiting.delete(name);
      } catch (error) {
        // No answer: the others would get none either. One that is refused does not hold them up.
        if (isPassing(error)) return;
      }
    }
  }
}
