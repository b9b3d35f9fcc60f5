import assert from "node:assert/strict";
import { Semaphore } from "../../src/client/semaphore.ts";

const LATE = new Error("late");
const wait = { timeout: 600, onTimeout: () => LATE };
/** Lets all that can go on do so. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("Semaphore runs so many at once, the others in order, whether the work succeeds or not", async () => {
  const semaphore = new Semaphore(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const all = ends.map(({ promise }, index) =>
    semaphore.run(() => {
      begun.push(index);
      return promise;
    }, wait)
  );
  await settle();
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.resolve(1);
  await settle();
  assert.deepEqual(begun, [0, 1, 2]);
  ends[0]?.reject(new Error("failed"));
  await assert.rejects(all[0] ?? Promise.resolve(), /failed/);
  await settle();
  assert.deepEqual(begun, [0, 1, 2, 3]);
  for (const { resolve } of ends) resolve(7);
  assert.deepEqual(await Promise.all(all.slice(1)), [1, 7, 7, 7]);
});

Deno.test("Semaphore rejects a caller that waits too long or is aborted, and loses no slot", async () => {
  const semaphore = new Semaphore(1);
  const first = Promise.withResolvers<void>();
  const holding = semaphore.run(() => first.promise, wait);
  const never = () => assert.fail("it had no slot");
  await assert.rejects(
    semaphore.run(never, { timeout: 0.01, onTimeout: () => LATE }),
    LATE,
  );
  const end = new AbortController();
  const aborted = semaphore.run(never, { ...wait, signal: end.signal });
  await settle();
  end.abort(new Error("tired"));
  await assert.rejects(aborted, /tired/);
  // In the same moment as the slot becomes free.
  const both = new AbortController();
  const neither = semaphore.run(never, { ...wait, signal: both.signal });
  await settle();
  first.resolve();
  both.abort(new Error("tired"));
  await assert.rejects(neither, /tired/);
  await holding;
  const soon = { ...wait, timeout: 20 };
  assert.equal(await semaphore.run(() => Promise.resolve(1), soon), 1);
});
