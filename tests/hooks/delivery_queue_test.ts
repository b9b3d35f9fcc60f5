/** How deliveries wait, fail, are tried again and are left to the next run. */
import assert from "node:assert/strict";
import {
  createDeliveryQueue,
  type Delivery,
  RETRY_AFTER,
} from "../../src/hooks/delivery_queue.ts";
import type { HookEventName } from "../../src/hooks/hook_event.ts";
import { START } from "./accounts.ts";

const URL_OF_HOOK = "https://ntfy.sh/SECRET-TOPIC";

/** A queue whose hooks are requests that the test answers. */
function stage(
  options: {
    stays?: boolean;
    signal?: AbortSignal;
    whileKept?: () => void;
  } = {},
) {
  const messages: string[] = [];
  const kept: Delivery[] = [];
  const timers: { readonly milliseconds: number; act: () => void }[] = [];
  const requests: {
    event: string;
    due: number;
    answer: (status: number) => void;
  }[] = [];
  let arrived = Promise.withResolvers<void>();
  const queue = createDeliveryQueue({
    now: () => START * 1000,
    log: (level, message) => messages.push(`${level}: ${message}`),
    fetch: (_url, init) => {
      const { event, due } = JSON.parse(String(init?.body));
      const { promise, resolve } = Promise.withResolvers<Response>();
      requests.push({
        event,
        due,
        answer: (status) => resolve(new Response(null, { status })),
      });
      arrived.resolve();
      return promise;
    },
    after: options.stays === false ? undefined : (milliseconds, act) => {
      const timer = { milliseconds, act };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
    keep: async (left) => {
      kept.push(...left);
      await options.whileKept?.();
    },
    signal: options.signal,
  });
  return {
    queue,
    messages,
    kept,
    timers,
    requests,
    /** The next request that has not been looked at. */
    async next() {
      await arrived.promise;
      arrived = Promise.withResolvers();
      const request = requests.at(-1);
      assert.ok(request);
      return request;
    },
    /** Lets the newest timer fire. */
    fire(milliseconds: number | undefined) {
      const timer = timers.pop();
      assert.equal(timer?.milliseconds, milliseconds);
      timer?.act();
    },
  };
}

function delivery(due = 0, event: HookEventName = "login_due"): Delivery {
  return {
    hook: { number: 1, on: [event], profiles: undefined, url: URL_OF_HOOK },
    event: { event, profile: "default", provider: "schwab", due },
    since: START * 1000,
    tries: 0,
  };
}

Deno.test("a delivery queue tells one hook at a time, in order, and what was added meanwhile", async () => {
  const it = stage();
  it.queue.add([delivery(1), delivery(2)]);
  const first = await it.next();
  assert.equal(it.requests.length, 1);
  it.queue.add([delivery(3)]);
  first.answer(200);
  (await it.next()).answer(200);
  (await it.next()).answer(200);
  await it.queue.settled();
  assert.deepEqual(it.requests.map(({ due }) => due), [1, 2, 3]);
  assert.deepEqual([it.messages, it.kept], [[], []]);
});

Deno.test("a delivery queue tries a URL again after 5 s, 30 s and 5 min, lets others through meanwhile, and then says so", async () => {
  const it = stage();
  it.queue.add([delivery(1)]);
  for (const wait of RETRY_AFTER) {
    (await it.next()).answer(503);
    await it.queue.settled();
    it.fire(wait);
  }
  const last = await it.next();
  it.queue.add([delivery(2)]);
  last.answer(503);
  (await it.next()).answer(200);
  await it.queue.settled();
  assert.deepEqual(it.requests.map(({ due }) => due), [1, 1, 1, 1, 2]);
  assert.equal(it.timers.length, 0);
  assert.match(
    it.messages.at(-1) ?? "",
    /^warning: Cannot tell hook 1 \(https:\/\/ntfy\.sh\) of login_due: it answered 503$/,
  );
  assert.ok(it.messages.slice(0, -1).every((line) => line.startsWith("info")));
  assert.doesNotMatch(it.messages.join(), /SECRET/);
});

Deno.test("a delivery queue does not try again what failed for good", async () => {
  const it = stage();
  it.queue.add([delivery()]);
  (await it.next()).answer(404);
  await it.queue.settled();
  assert.equal(it.timers.length, 0);
  assert.match(it.messages.join(), /^warning: .*it answered 404$/);
});

Deno.test("a delivery queue of a process that does not stay leaves the next try to the next run", async () => {
  const it = stage({ stays: false });
  it.queue.add([delivery()]);
  (await it.next()).answer(503);
  await it.queue.end();
  assert.equal(it.kept.length, 1);
  assert.match(it.messages.join(), /503; the next run tries again$/);
});

Deno.test("a delivery queue that ends leaves to the next run what waits for its next try", async () => {
  const it = stage();
  it.queue.add([delivery()]);
  (await it.next()).answer(503);
  await it.queue.end();
  assert.equal(it.timers.length, 0);
  assert.equal(it.kept.length, 1);
});

Deno.test("a delivery queue leaves to the next run what it was not to start, and what is added even then", async () => {
  const stop = new AbortController();
  const late = [delivery(4)];
  const it = stage({
    signal: stop.signal,
    whileKept: () => it.queue.add(late.splice(0)),
  });
  it.queue.add([delivery(1), delivery(2), delivery(3)]);
  const first = await it.next();
  stop.abort();
  first.answer(200);
  await it.queue.end();
  assert.equal(it.requests.length, 1);
  assert.deepEqual(it.kept.map(({ event }) => event.due), [2, 3, 4]);
});

Deno.test("a delivery queue of 100 drops an old `refreshed` first, then what is oldest, and says so", async () => {
  const it = stage();
  it.queue.add([delivery(-1)]);
  const first = await it.next();
  it.queue.add([delivery(0), delivery(1, "refreshed"), delivery(2)]);
  it.queue.add(Array.from({ length: 99 }, (_, at) => delivery(at + 3)));
  assert.equal(it.messages.length, 2);
  assert.match(it.messages[0] ?? "", /of refreshed: 100 others wait$/);
  assert.match(it.messages[1] ?? "", /of login_due: 100 others wait$/);
  first.answer(200);
  for (let at = 0; at < 100; at++) (await it.next()).answer(200);
  await it.queue.settled();
  assert.deepEqual(
    it.requests.map(({ due }) => due),
    [-1, ...Array.from({ length: 100 }, (_, at) => at + 2)],
  );
});
