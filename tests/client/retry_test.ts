import assert from "node:assert/strict";
import fc from "fast-check";
import { TdauthError } from "../../src/base/errors.ts";
import { TransientError } from "../../src/oauth/broker_fetch.ts";
import { withRetries } from "../../src/client/retry.ts";

const trouble = (about: ConstructorParameters<typeof TransientError>[1] = {}) =>
  new TdauthError("broker_unavailable", "Cannot: trouble", {
    cause: new TransientError("trouble", about),
  });

/** Fails so often, then gives "done"; notes the pauses. */
function stage(errors: readonly unknown[], random = () => 1) {
  const pauses: number[] = [];
  let tries = 0;
  return {
    pauses,
    tries: () => tries,
    run: (more: { tries?: number; signal?: AbortSignal } = {}) =>
      withRetries(() => {
        const error = errors[tries++];
        return error === undefined
          ? Promise.resolve("done")
          : Promise.reject(error);
      }, {
        random,
        sleep: (milliseconds) => {
          pauses.push(milliseconds);
          return Promise.resolve();
        },
        ...more,
      }),
  };
}

Deno.test("withRetries() tries three times, with pauses that may double", async () => {
  const twice = stage([trouble({ status: 503 }), trouble({ unsent: true })]);
  assert.equal(await twice.run(), "done");
  assert.deepEqual(twice.pauses, [500, 1000]);
  const always = stage([trouble(), trouble(), trouble(), trouble()]);
  await assert.rejects(always.run(), TdauthError);
  assert.equal(always.tries(), 3);
});

Deno.test("withRetries() spreads its pauses over all of their length (full jitter)", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (random) => {
        const { pauses, run } = stage([trouble(), trouble()], () => random);
        await run();
        assert.deepEqual(pauses, [500 * random, 1000 * random]);
      },
    ),
  );
});

Deno.test("withRetries() waits as long as the broker asks, and gives up when that is too long", async () => {
  const short = stage([trouble({ status: 429, retryAfter: 3 })], () => 0);
  await short.run();
  assert.deepEqual(short.pauses, [3000]);
  const long = stage([trouble({ status: 429, retryAfter: 3600 })]);
  await assert.rejects(long.run(), TdauthError);
  assert.equal(long.tries(), 1);
});

Deno.test("withRetries() does not retry errors that are not transient, nor a request whose response was lost", async () => {
  for (
    const error of [
      new TdauthError("login_needed", "Cannot: no"),
      new TdauthError("invalid_client", "Cannot: no"),
      new TypeError("no"),
      trouble({ lost: true }),
    ]
  ) {
    const once = stage([error]);
    await assert.rejects(once.run(), (thrown) => thrown === error);
    assert.equal(once.tries(), 1);
  }
});

Deno.test("withRetries() ends its pause when the signal is aborted", async () => {
  const end = new AbortController();
  const waiting = withRetries(() => {
    setTimeout(() => end.abort(new Error("enough")));
    return Promise.reject(trouble({ status: 429, retryAfter: 10 }));
  }, { signal: end.signal });
  await assert.rejects(waiting, /enough/);
});
