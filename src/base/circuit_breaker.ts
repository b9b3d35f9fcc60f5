/** How long, in milliseconds, commands fail at once after Redis has been away for too long. */
const PROBE = 2_000;
/** After how long, in milliseconds, a lost reply no longer counts. */
const STALE = 15_000;

/**
 * How long commands wait for Redis to come back: all of them together, counted
 * from when it went away, so that later and queued commands do not each wait as
 * long again.
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
   * @param isTransient Whether an error means that the server is away.
   * @param clock A monotonic clock, in milliseconds.
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

  /** Whether the timeout has passed and another command has just failed, so that a new one need not try. */
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

  /** Records how a command that begins now ends; returns the command's promise. */
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
