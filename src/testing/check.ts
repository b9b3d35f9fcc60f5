/** Fails a test unless a condition holds. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`The store is wrong: ${what}`);
}

/** Fails a test unless two values are identical. */
export function same<T>(actual: T, expected: T, what: string): void {
  const [is, not] = [actual, expected].map((value) => JSON.stringify(value));
  check(is === not, `${what}: it is ${is}, not ${not}`);
}

/**
 * Fails a test unless a promise is rejected.
 *
 * @param promise The promise.
 * @param isRight Returns whether the reason is right.
 * @param what What should have happened.
 */
export async function fails(
  promise: Promise<unknown>,
  isRight: (reason: unknown) => boolean,
  what: string,
): Promise<void> {
  try {
    await promise;
  } catch (reason) {
    return check(isRight(reason), `${what}, and it failed with ${reason}`);
  }
  check(false, `${what}, and it succeeded`);
}

/** Whether an error says that another process has taken over. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "busy";
}

/** Waits for some milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until a condition holds. */
export async function until(
  condition: () => boolean,
  what: string,
): Promise<void> {
  const end = performance.now() + 30_000;
  while (!condition()) {
    check(performance.now() < end, `${what} never happened`);
    await sleep(2);
  }
}
