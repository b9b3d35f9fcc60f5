import assert from "node:assert/strict";
import { after } from "../../src/base/after.ts";
import { delay } from "../../src/base/delay.ts";

Deno.test("delay() and after() wait, and do not end at once, when they are to wait for years (line 57)", async () => {
  // The runtime's own timer, begun later and over first, unless theirs overflow.
  const early: string[] = [];
  const end = new AbortController();
  const waits = [2 ** 31, 1e12, 1e300, Infinity].map((milliseconds) => {
    const cancel = after(
      milliseconds,
      () => early.push(`after ${milliseconds}`),
    );
    const wait = delay(milliseconds, end.signal).then(
      () => early.push(`delay ${milliseconds}`),
      () => {},
    );
    return { cancel, wait };
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  end.abort();
  for (const { cancel, wait } of waits) {
    cancel();
    await wait;
  }
  assert.deepEqual(early, []);
});
