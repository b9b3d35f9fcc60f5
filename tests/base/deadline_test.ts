import assert from "node:assert/strict";
import { deadline, type DeadlineOptions } from "../../src/base/deadline.ts";

/** A clock that goes on by hand, and a process that can be stopped meanwhile. */
function clock() {
  let time = 0;
  let timers: { at: number; act: () => void }[] = [];
  return {
    edges: {
      now: () => time,
      after(milliseconds, act) {
        const timer = { at: time + milliseconds, act };
        timers.push(timer);
        return () => {
          timers = timers.filter((other) => other !== timer);
        };
      },
    } satisfies DeadlineOptions,
    /** How many timers are set. */
    timers: () => timers.length,
    /** Lets the time go on and each timer fire at its time. */
    run(milliseconds: number) {
      const end = time + milliseconds;
      for (;;) {
        const due = timers.filter(({ at }) => at <= end)
          .sort((a, b) => a.at - b.at)[0];
        if (due === undefined) break;
        timers = timers.filter((other) => other !== due);
        time = Math.max(time, due.at);
        due.act();
      }
      time = end;
    },
    /** Lets the time go on without the process. */
    stop(milliseconds: number) {
      time += milliseconds;
    },
  };
}

Deno.test("deadline() aborts when the time is over and not before", () => {
  for (const milliseconds of [1, 999, 1000, 1001, 10_000]) {
    const { edges, run, timers } = clock();
    const { signal } = deadline(milliseconds, edges);
    run(milliseconds - 1);
    assert.equal(signal.aborted, false, `${milliseconds} ms`);
    run(1);
    assert.equal(signal.aborted, true, `${milliseconds} ms`);
    assert.equal(signal.reason.name, "TimeoutError");
    assert.equal(timers(), 0);
  }
});

Deno.test("deadline() counts a stop of any length as one second", () => {
  const { edges, run, stop } = clock();
  const { signal } = deadline(10_000, edges);
  run(500);
  stop(3_600_000);
  run(0);
  assert.equal(signal.aborted, false, "as soon as it goes on");
  run(8999);
  assert.equal(signal.aborted, false);
  run(1);
  assert.equal(signal.aborted, true);
});

Deno.test("deadline() leaves a second for what came while the process was stopped at the end of its time", () => {
  const { edges, run, stop } = clock();
  const { signal } = deadline(10_000, edges);
  run(9999);
  stop(60_000);
  run(0);
  assert.equal(signal.aborted, false, "as soon as it goes on");
  run(999);
  assert.equal(signal.aborted, false);
  run(1);
  assert.equal(signal.aborted, true);
});

Deno.test("deadline() ends in a process that is never on time", () => {
  const { edges, run, stop } = clock();
  const { signal } = deadline(10_000, edges);
  for (let slices = 0; slices < 11; slices++) {
    assert.equal(signal.aborted, false, `after ${slices} slices`);
    stop(5000);
    run(0);
  }
  assert.equal(signal.aborted, true);
});

Deno.test("deadline() sets no timer that is longer than a timer can be", () => {
  const { edges, run } = clock();
  const set: number[] = [];
  const { signal } = deadline(2 ** 40, {
    ...edges,
    after(milliseconds, act) {
      set.push(milliseconds);
      return edges.after(milliseconds, act);
    },
  });
  run(5000);
  assert.equal(signal.aborted, false);
  assert.equal(Math.max(...set), 1000);
});

Deno.test("deadline() aborts with the reason that it was given", () => {
  const { edges, run } = clock();
  const reason = new Error("busy");
  const { signal } = deadline(10, { ...edges, reason: () => reason });
  run(10);
  assert.equal(signal.reason, reason);
});

Deno.test("deadline() does nothing more once it is disposed of", () => {
  const { edges, run, timers } = clock();
  const limit = deadline(10_000, edges);
  run(3000);
  limit[Symbol.dispose]();
  assert.equal(timers(), 0);
  run(60_000);
  assert.equal(limit.signal.aborted, false);
});
