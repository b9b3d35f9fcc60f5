/** Fails a test unless something holds. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`The store is wrong: ${what}`);
}

/** Fails a test unless two values are the same. */
export function same<T>(actual: T, expected: T, what: string): void {
  const [is, not] = [actual, expected].map((value) => JSON.stringify(value));
  check(is === not, `${what}: it is ${is}, not ${not}`);
}

/**
 * Fails a test unless a promise is rejected.
 *
 * @param promise The promise.
 * @param isRight Says whether the reason is right.
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

/** Waits for so many milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/**
 * Waits for a promise, and fails a test where that takes too long.
 *
 * @param seconds How long.
 * @param promise The promise.
 * @param what What is wrong then.
 * @returns What the promise resolves to.
 */
export async function within<T>(
  seconds: number,
  promise: Promise<T>,
  what: string,
): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`The store is wrong: ${what}`)),
    seconds * 1000,
  );
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until something holds. */
export async function until(
  condition: () => boolean,
  what: string,
): Promise<void> {
  const end = performance.now() + 10_000;
  while (!condition()) {
    check(performance.now() < end, `${what} never came to pass`);
    await sleep(2);
  }
}
