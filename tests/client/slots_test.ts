import assert from "node:assert/strict";
import { Slots } from "../../src/client/slots.ts";

const LATE = new Error("late");
const wait = { patience: 600, late: () => LATE };
/** Lets all that can go on do so. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("Slots lets so many work at once, the others in turn, whatever becomes of the work", async () => {
  const slots = new Slots(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const all = ends.map(({ promise }, index) =>
    slots.run(() => {
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

Deno.test("Slots gives a caller that waits too long, or is aborted, its error, and loses no slot by it", async () => {
  const slots = new Slots(1);
  const first = Promise.withResolvers<void>();
  const holding = slots.run(() => first.promise, wait);
  const never = () => assert.fail("it had no slot");
  await assert.rejects(
    slots.run(never, { patience: 0.01, late: () => LATE }),
    LATE,
  );
  const end = new AbortController();
  const aborted = slots.run(never, { ...wait, signal: end.signal });
  await settle();
  end.abort(new Error("tired"));
  await assert.rejects(aborted, /tired/);
  // In the same moment as the slot becomes free.
  const both = new AbortController();
  const neither = slots.run(never, { ...wait, signal: both.signal });
  await settle();
  first.resolve();
  both.abort(new Error("tired"));
  await assert.rejects(neither, /tired/);
  await holding;
  const soon = { ...wait, patience: 20 };
  assert.equal(await slots.run(() => Promise.resolve(1), soon), 1);
});
