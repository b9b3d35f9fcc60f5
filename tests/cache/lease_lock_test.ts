import assert from "node:assert/strict";
import {
  type After,
  type LeaseLock,
  leaseLock,
  type LeaseLockOptions,
  type LeaseOperations,
  type LeaseRequest,
} from "../../mod.ts";

/** A clock that a test moves, and its timers. */
function virtualClock() {
  let time = 1_700_000_000_000;
  const timers = new Set<{ at: number; act: () => void }>();
  const after: After = (milliseconds, act) => {
    const timer = { at: time + milliseconds, act };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  return {
    now: () => time,
    after,
    timers,
    async advance(milliseconds: number) {
      const end = time + milliseconds;
      while (true) {
        await settled();
        const [next] = [...timers].filter(({ at }) => at <= end)
          .sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        time = Math.max(time, next.at);
        next.act();
      }
      time = end;
      await settled();
    },
  };
}

/** Lets everything run that waits for nothing but other promises. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A row of a database, and the locks of two processes on it. */
function stage(more: Partial<LeaseOperations> = {}) {
  const clock = virtualClock();
  let held: LeaseRequest | undefined;
  let fence = 0;
  const done: string[] = [];
  const operations: LeaseOperations = {
    acquire: (request) => {
      if (held && held.owner !== request.owner && held.until > request.now) {
        return Promise.resolve(undefined);
      }
      held = request;
      return Promise.resolve({ fence: ++fence });
    },
    renew: (request) => {
      done.push("renew");
      if (held?.owner === request.owner) held = request;
      return Promise.resolve();
    },
    release: (request) => {
      done.push("release");
      if (held?.owner === request.owner) held = undefined;
      return Promise.resolve();
    },
    ...more,
  };
  const open = (options: LeaseLockOptions = {}) =>
    leaseLock(operations, { lease: 30, ...clock, ...options });
  return { clock, open, done, held: () => held };
}

/** The fence of the turn that a lock has. */
const fenceOf = ({ turn }: LeaseLock) => turn?.fence;

/** A turn, and what ends it. */
async function turn(lock: LeaseLock) {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<string>();
  const over = lock.exclusive("refresh", () => {
    begun.resolve();
    return end.promise;
  });
  await Promise.race([begun.promise, over]);
  return { over, end: end.resolve };
}

Deno.test("leaseLock() renews a lock for as long as its work runs, and no longer", async () => {
  const { clock, open, done, held } = stage();
  const [first, second] = [open(), open()];
  const long = await turn(first);
  const next = turn(second);
  await clock.advance(300_000);
  assert.equal(done.filter((what) => what === "renew").length, 30);
  assert.equal(held()?.owner, first.turn?.owner);
  assert.equal(fenceOf(second), undefined);
  long.end("done");
  assert.equal(await long.over, "done");
  await clock.advance(1000);
  const after = await next;
  assert.equal(fenceOf(second), 2);
  after.end("done");
  await after.over;
  assert.equal(held(), undefined);
  assert.equal(clock.timers.size, 0, "no timer is left behind");
});

Deno.test("leaseLock() grants a dead process's lock to the next one, with a higher fence", async () => {
  const { clock, open } = stage({ renew: () => Promise.reject(new Error()) });
  const [dead, next] = [open(), open()];
  const stopped = await turn(dead);
  const waiting = turn(next);
  await clock.advance(29_000);
  assert.equal(fenceOf(next), undefined);
  await clock.advance(2000);
  const mine = await waiting;
  assert.deepEqual([fenceOf(dead), fenceOf(next)], [1, 2]);
  stopped.end("late");
  await stopped.over;
  assert.equal(fenceOf(next), 2);
  mine.end("done");
  await mine.over;
});

Deno.test("leaseLock() ends the wait on a signal, and stops asking the store", async () => {
  let asked = 0;
  const { clock, open } = stage({
    acquire: () => {
      asked++;
      return Promise.resolve(undefined);
    },
  });
  const end = new AbortController();
  const waiting = open().exclusive(
    "refresh",
    () => assert.fail("it ran"),
    { signal: end.signal },
  );
  waiting.catch(() => {});
  await clock.advance(1000);
  end.abort(new Error("long enough"));
  await assert.rejects(waiting, /long enough/);
  assert.equal(clock.timers.size, 0);
  const before = asked;
  assert.ok(before > 5);
  await clock.advance(10_000);
  assert.equal(asked, before);
  assert.equal(clock.timers.size, 0);
});

Deno.test("leaseLock() asks for its lock again when it was lost before the work began", async () => {
  let settles = 0;
  let fence = 0;
  const { clock, open } = stage({
    acquire: () =>
      Promise.resolve({
        fence: ++fence,
        settle: () => Promise.resolve(++settles > 1),
      }),
  });
  const lock = open();
  const ran = lock.exclusive(
    "refresh",
    () => Promise.resolve(lock.turn?.fence),
  );
  await clock.advance(1000);
  assert.equal(await ran, 2);
});

Deno.test("leaseLock() returns what the work returned though the lock cannot be released", async () => {
  const { open } = stage({ release: () => Promise.reject(new Error("away")) });
  const lock = open();
  assert.equal(
    await lock.exclusive("refresh", () => Promise.resolve("done")),
    "done",
  );
  assert.equal(lock.turn, undefined);
});

Deno.test("leaseLock() lets only one of all waiters with the same queue ask the store", async () => {
  let asked = 0;
  const { clock, open } = stage({
    acquire: () => {
      asked++;
      return Promise.resolve({ fence: asked });
    },
  });
  const first = await turn(open({ queue: "user" }));
  const others = [1, 2, 3].map(() =>
    open({ queue: "user" }).exclusive("refresh", () => Promise.resolve())
  );
  await clock.advance(5000);
  assert.equal(asked, 1);
  first.end("done");
  await Promise.all([first.over, ...others]);
  assert.equal(asked, 4);
});
