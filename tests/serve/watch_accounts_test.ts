import assert from "node:assert/strict";
import {
  type ServedAccount,
  watchAccounts,
} from "../../src/serve/watch_accounts.ts";
import { until } from "../premise.ts";
import { testClock } from "./clock.ts";
import { type TestAccount, testAccount, told } from "./watched.ts";

const served = (profile: string, { context }: TestAccount): ServedAccount => ({
  profile,
  context,
});

Deno.test("watchAccounts() lets no profile wait for another's slow broker", async () => {
  const clock = testClock();
  const answer = Promise.withResolvers<void>();
  let held = 0;
  await using slow = await testAccount({
    clock,
    fetch: async (input, init) => {
      held++;
      await answer.promise;
      return await fetch(input, init);
    },
  });
  await using quick = await testAccount({ clock });
  const { options, stop, story } = told(clock);
  const watch = watchAccounts({
    ...options,
    accounts: () =>
      Promise.resolve([served("slow", slow), served("quick", quick)]),
    onUnlisted: (error) => assert.fail(String(error)),
  });
  await clock.pass(1439, 3);
  await clock.pass(5, 2); // the slow one no longer sleeps
  await until("the slow broker is asked", () => held === 1);
  await until("the quick one is refreshed", () => quick.asked() === 1);
  assert.ok(story().includes("quick refreshed"));
  assert.equal(slow.asked(), 0);
  answer.resolve();
  await until("it answers", () => story().includes("slow refreshed"));
  stop();
  await watch;
});

Deno.test("watchAccounts() notices a profile that is new or gone, and goes on while they cannot be listed", async () => {
  const clock = testClock();
  await using one = await testAccount({ clock });
  await using two = await testAccount({ clock });
  const { options, stop, story } = told(clock);
  let list: () => ServedAccount[] = () => [served("one", one)];
  const unlisted: unknown[] = [];
  const watch = watchAccounts({
    ...options,
    accounts: () => Promise.resolve().then(() => list()),
    onUnlisted: (error) => unlisted.push(error),
  });
  await clock.pass(10, 2);
  assert.deepEqual(story(), ["one seen"]);
  list = () => [served("one", one), served("two", two)];
  await clock.pass(40, 2);
  await clock.asleep(3);
  assert.deepEqual(story(), ["one seen", "two seen"]);
  list = () => {
    throw new Error("half a file");
  };
  await clock.pass(200, 3);
  assert.equal(unlisted.length, 1);
  list = () => [served("two", two)];
  await clock.pass(40, 2);
  assert.deepEqual(story(), ["one seen", "two seen", "one gone"]);
  await clock.pass(1800, 2);
  assert.deepEqual([one.asked(), two.asked()], [0, 1]);
  stop();
  await watch;
});

Deno.test("watchAccounts() ends when the refresh in progress has been answered and stored", async () => {
  const clock = testClock();
  const answer = Promise.withResolvers<void>();
  let held = 0;
  await using account = await testAccount({
    clock,
    rotation: "kill",
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      held++;
      await answer.promise;
      return response;
    },
  });
  const { cache } = await account.context();
  const before = await cache.load();
  const { options, stop } = told(clock);
  let ended = false;
  const watch = watchAccounts({
    ...options,
    accounts: () => Promise.resolve([served("one", account)]),
    onUnlisted: (error) => assert.fail(String(error)),
  }).then(() => ended = true);
  await clock.pass(1439, 2);
  await clock.pass(5, 1);
  await until("the broker has answered", () => held === 1);
  stop();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(ended, false);
  answer.resolve();
  await watch;
  const after = await cache.load();
  // The broker rotates: what it answered is the only token that works.
  assert.notEqual(after.refreshToken.token, before.refreshToken.token);
  assert.equal(after.refreshPending, undefined);
});
