/** For how long, in milliseconds, it is not asked again whether a Redis is back that has been away for too long. */
const PROBE = 2_000;
/** After how long, in milliseconds, a lost answer says nothing of now. */
const STALE = 15_000;

/**
 * How long commands wait for Redis to come back: all of them together, from when
 * it went away, so that those who come later, or stand in a queue, do not each
 * wait for as long again.
 */
export class CircuitBreaker {
  readonly #timeout: number;
  readonly #isTransient: (error: unknown) => boolean;
  readonly #clock: () => number;
  #awaySince: number | undefined;
  #lastLoss = -Infinity;
  #lastBack = -Infinity;

  /**
   * @param timeout How long, in milliseconds.
   * @param isTransient Whether an error says that the server is away.
   * @param clock Milliseconds that only grow.
   */
  constructor(
    timeout: number,
    isTransient: (error: unknown) => boolean,
    clock: () => number = () => performance.now(),
  ) {
    this.#timeout = timeout;
    this.#isTransient = isTransient;
    this.#clock = clock;
  }

  /** When a command that has just failed gives up. */
  deadline(): number {
    const now = this.#clock();
    return this.#away(now) + this.#timeout;
  }

  /** Whether the patience is over, and somebody has just asked in vain: nobody else need. */
  get over(): boolean {
    const now = this.#clock();
    return now - this.#lastLoss < PROBE &&
      now > this.#away(now) + this.#timeout;
  }

  /** Redis is back. */
  back(): void {
    this.#awaySince = undefined;
    this.#lastBack = this.#clock();
  }

  /** Notes how a command ended that begins now; gives back the same. */
  async observe<T>(answer: Promise<T>): Promise<T> {
    const began = this.#clock();
    try {
      const value = await answer;
      this.back();
      return value;
    } catch (error) {
      if (!this.#isTransient(error)) this.back();
      else {
        this.#awaySince = this.#away(Math.max(began, this.#lastBack));
        this.#lastLoss = this.#clock();
      }
      throw error;
    }
  }

  #away(now: number): number {
    return this.#awaySince === undefined || now - this.#lastLoss > STALE
      ? now
      : this.#awaySince;
  }
}
