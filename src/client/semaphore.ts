import { abortable } from "../base/abortable.ts";
import { deadline } from "../base/deadline.ts";

/** How long to wait for a slot. */
export interface SemaphoreOptions {
  /** Seconds. */
  readonly timeout: number;
  /** Makes the error when that is over. */
  readonly onTimeout: () => Error;
  /** Ends the wait, not the work. */
  readonly signal?: AbortSignal;
}

/** Limits how many tasks run at once; others wait in order of arrival. */
export class Semaphore {
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** @param count How many at once. */
  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Does work in a slot.
   *
   * @param work The work.
   * @param options How long to wait for a slot.
   * @returns The work's result.
   */
  async run<T>(work: () => Promise<T>, options: SemaphoreOptions): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await this.#turn(options);
    try {
      return await work();
    } finally {
      this.#giveBack();
    }
  }

  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free++;
    else {
      this.#waiting.delete(next);
      next(); // it takes over this slot
    }
  }

  async #turn({ timeout, onTimeout, signal }: SemaphoreOptions): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    using limit = deadline(timeout * 1000, { reason: onTimeout });
    limit.signal.addEventListener("abort", () => reject(limit.signal.reason));
    try {
      await abortable(promise, signal);
    } catch (error) {
      // A slot that was granted in the same moment is released.
      if (!this.#waiting.delete(resolve)) this.#giveBack();
      throw error;
    }
  }
}
