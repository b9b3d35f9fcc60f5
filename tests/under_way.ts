/** Calls that are made at once, and the proof that they were. */
export class UnderWay {
  #count = 0;
  readonly #atAnswers: number[] = [];

  /** How many calls were under way each time the token endpoint answered. */
  get atAnswers(): readonly number[] {
    return this.#atAnswers;
  }

  /** A `fetch` that takes note of the token endpoint's answers. */
  readonly fetch: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    if (String(init?.body).includes("grant_type=")) {
      this.#atAnswers.push(this.#count);
    }
    return answer;
  };

  /** Makes so many calls at once. */
  all<T>(times: number, call: (index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(
      Array.from({ length: times }, async (_, index) => {
        this.#count++;
        try {
          return await call(index);
        } finally {
          this.#count--;
        }
      }),
    );
  }
}
