/** A clock that stands still until everything waits, and then goes on to the first who does. */

/** A clock of a test's own. */
export interface TestClock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** As `delay()`. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Lets the clock go on by so many seconds, sleeper by sleeper; each runs until all sleep again. */
  readonly pass: (seconds: number, sleepers?: number) => Promise<void>;
  /** Lets the clock go on without the timers, as on a machine that sleeps. */
  readonly jump: (seconds: number) => void;
  /** Waits until so many sleep. */
  readonly asleep: (sleepers: number) => Promise<void>;
}

/** Makes one. */
export function testClock(start = Date.UTC(2026, 11, 1)): TestClock {
  let time = start;
  const waiting = new Set<{ at: number; wake: () => void }>();
  let changed = Promise.withResolvers<void>();
  const asleep = async (sleepers: number) => {
    while (waiting.size < sleepers) {
      await changed.promise;
    }
  };
  return {
    now: () => time,
    asleep,
    jump(seconds) {
      time += seconds * 1000;
      for (const one of waiting) one.at += seconds * 1000;
    },
    sleep(milliseconds, signal) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const one = { at: time + milliseconds, wake: resolve };
      if (signal.aborted) reject(signal.reason);
      else waiting.add(one);
      signal.addEventListener("abort", () => {
        waiting.delete(one);
        reject(signal.reason);
      }, { once: true });
      changed.resolve();
      changed = Promise.withResolvers();
      return promise;
    },
    async pass(seconds, sleepers = 1) {
      const end = time + seconds * 1000;
      while (true) {
        await asleep(sleepers);
        const [first] = [...waiting].sort((a, b) => a.at - b.at);
        if (first === undefined || first.at > end) break;
        time = Math.max(time, first.at);
        waiting.delete(first);
        first.wake();
      }
      time = end;
    },
  };
}
