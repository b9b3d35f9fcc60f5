import { isReply, TimedOut } from "./redis_error.ts";

/** In how many steps the limit passes. */
const STEPS = 8;

/** A command that waits for its answer. */
interface Waiting {
  /** The step in which it was sent. */
  readonly since: number;
  readonly giveUp: (error: Error) => void;
}

/**
 * Gives commands up when Redis has been silent for too long. All go over one
 * connection and are answered in turn: as long as answers come, each gets its
 * own, however many stand before it.
 *
 * Time is counted in steps, between which this process reads what has come. So
 * one that is busy, and reads its answers late, does not take Redis for dead.
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

  /** Settles as the answer to a command does, or rejects when Redis has been silent. */
  async limit<T>(answer: Promise<T>): Promise<T> {
    const heard = () => void (this.#heard = this.#steps);
    // However late: it is there.
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
