import { isReply, TimedOut } from "./redis_error.ts";

/** The number of steps in the limit. */
const STEPS = 8;

/** A command that waits for its reply. */
interface Waiting {
  /** The step when it was sent. */
  readonly since: number;
  readonly giveUp: (error: Error) => void;
}

/**
 * Rejects commands when Redis has been silent for too long. All go over one
 * connection and get their replies in order: as long as replies come, each gets
 * its own, however long the queue.
 *
 * Time is counted in steps, between which this process reads its input. So a busy
 * process, which reads replies late, does not treat Redis as dead.
 */
export class Silence {
  readonly #step: number;
  readonly #waiting = new Set<Waiting>();
  #steps = 0;
  #heard = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param limit How long Redis may be silent while a command waits, in milliseconds. */
  constructor(limit: number) {
    this.#step = limit / STEPS;
  }

  /** Settles like a command's reply, or rejects when Redis has been silent. */
  async limit<T>(answer: Promise<T>): Promise<T> {
    const heard = () => void (this.#heard = this.#steps);
    // Even a late reply counts.
    answer.then(heard, (error) => isReply(error) && heard());
    const { promise: silent, reject: giveUp } = Promise.withResolvers<never>();
    const waiting = { since: this.#steps, giveUp };
    this.#waiting.add(waiting);
    this.#timer ??= setTimeout(() => this.#next(), this.#step);
    try {
      return await Promise.race([answer, silent]);
    } finally {
      this.#waiting.delete(waiting);
      if (this.#waiting.size === 0) {
        clearTimeout(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  #next(): void {
    this.#steps++;
    for (const { since, giveUp } of this.#waiting) {
      // The first has waited longest.
      if (this.#steps - Math.max(since, this.#heard) < STEPS) break;
      giveUp(new TimedOut());
    }
    this.#timer = setTimeout(() => this.#next(), this.#step);
  }
}
