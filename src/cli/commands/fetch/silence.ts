import { type After, after as realAfter } from "../../../base/after.ts";

/** Aborts a request when no data arrives for some time, however long all of it takes. */
export class Silence implements Disposable {
  readonly #milliseconds: number;
  readonly #after: After;
  readonly #controller = new AbortController();
  #forget = () => {};

  /**
   * @param seconds How long silence may last, in seconds.
   * @param after What it counts with.
   */
  constructor(seconds: number, after: After = realAfter) {
    this.#after = after;
    // Beyond the limit of the runtime's timers there is no timeout.
    this.#milliseconds = Math.min(seconds * 1000, 2 ** 31 - 1);
  }

  /** Aborted when it has lasted too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts waiting for the broker. */
  begins(): void {
    this.ends();
    this.#forget = this.#after(
      this.#milliseconds,
      () => this.#controller.abort(new Error("silence")),
    );
  }

  /** Data arrived; the reader may take any time. */
  ends(): void {
    this.#forget();
  }

  /** Ends the wait. */
  [Symbol.dispose](): void {
    this.ends();
  }
}
