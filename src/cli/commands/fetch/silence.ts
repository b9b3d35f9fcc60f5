import { type After, after as realAfter } from "../../../base/after.ts";

/** Ends a request when nothing has come for some time; how long all of it takes does not matter. */
export class Silence implements Disposable {
  readonly #milliseconds: number;
  readonly #after: After;
  readonly #controller = new AbortController();
  #forget = () => {};

  /**
   * @param seconds How long silence may last.
   * @param after What it counts with.
   */
  constructor(seconds: number, after: After = realAfter) {
    this.#after = after;
    // What is longer than the runtime's timers can be is for ever.
    this.#milliseconds = Math.min(seconds * 1000, 2 ** 31 - 1);
  }

  /** Aborted when it has lasted too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Begins to wait for the broker. */
  begins(): void {
    this.ends();
    this.#forget = this.#after(
      this.#milliseconds,
      () => this.#controller.abort(new Error("silence")),
    );
  }

  /** Something came; it is the reader's turn, who may take as long as they like. */
  ends(): void {
    this.#forget();
  }

  /** Ends the wait. */
  [Symbol.dispose](): void {
    this.ends();
  }
}
