import assert from "node:assert/strict";
import { watchAccount } from "../../src/serve/watch_account.ts";
import { testClock } from "./clock.ts";
import { testAccount, told } from "./watched.ts";

Deno.test("watchAccount() refreshes with a fifth of the life left, by the clock, and tells of it", async () => {
  await using account = await testAccount();
  const { clock } = account;
  const { options, stop, story, looks, events } = told(clock);
  const watch = watchAccount("work", account.context, options);
  await clock.pass(1439);
  assert.equal(account.asked(), 0);
  await clock.pass(2);
  assert.equal(account.asked(), 1);
  assert.deepEqual(story(), ["work seen", "work refreshed"]);
  const [, refreshed] = events;
  assert.ok(refreshed?.is === "refreshed");
  const { validUntil, refreshAt } = refreshed.tokens;
  assert.equal(Math.round(validUntil - clock.now() / 1000), 1799);
  assert.equal(validUntil - refreshAt, 360);
  // A look every 37 seconds, one at the refresh, and one after it.
  assert.ok(looks.length > 1440 / 37 && looks.length < 45, `${looks.length}`);
  await clock.pass(6 * 3600);
  assert.equal(account.asked(), 16);
  stop();
  await watch;
});

Deno.test("watchAccount() finds within one look that the machine has slept", async () => {
  await using account = await testAccount();
  const { clock } = account;
  const { options, stop } = told(clock);
  const watch = watchAccount("work", account.context, options);
  await clock.pass(100);
  clock.jump(3 * 3600);
  await clock.pass(37);
  assert.equal(account.asked(), 1);
  const { accessToken } = await (await account.context()).cache.load();
  assert.equal(accessToken.valid, true);
  stop();
  await watch;
});

Deno.test("watchAccount() leaves a token that lives 5 seconds to those who ask for one", async () => {
  await using account = await testAccount({ accessTokenLifetime: 5 });
  const { clock } = account;
  const { options, stop } = told(clock);
  const watch = watchAccount("work", account.context, options);
  await clock.pass(3600);
  assert.equal(account.asked(), 0);
  stop();
  await watch;
});

Deno.test("watchAccount() refreshes a token that lives a minute once a look at most, and has it always valid", async () => {
  await using account = await testAccount({ accessTokenLifetime: 60 });
  const { clock } = account;
  const { options, stop } = told(clock);
  const watch = watchAccount("work", account.context, options);
  const { cache } = await account.context();
  for (let time = 0; time < 3600; time += 5) {
    await clock.pass(5);
    assert.ok((await cache.load()).accessToken.valid, `after ${time} s`);
  }
  assert.ok(account.asked() <= 3600 / 37, `${account.asked()}`);
  stop();
  await watch;
});

Deno.test("watchAccount() tries again after 40 s, doubling to 5 minutes, tells of each failure once, and counts from the start after a success", async () => {
  await using account = await testAccount();
  const { clock, sandbox } = account;
  const { options, stop, story, failures } = told(clock);
  const watch = watchAccount("work", account.context, options);
  await clock.pass(1439);
  sandbox.failNext({ status: 503, times: 3 });
  const asked: number[] = [];
  for (let time = 0; time < 300; time++) {
    const before = account.asked();
    await clock.pass(1);
    if (account.asked() > before) asked.push(time);
  }
  assert.equal(account.asked(), 4);
  const [first = 0] = asked;
  // Each failure asks once, for the present token is valid still.
  assert.deepEqual(asked.map((time) => time - first), [0, 40, 120, 280]);
  assert.deepEqual(failures, [1, 2, 3]);
  assert.deepEqual(story(), ["work seen", "work failed", "work refreshed"]);
  await clock.pass(1300);
  sandbox.failNext({ status: 503 });
  await clock.pass(200);
  assert.deepEqual(failures, [1, 2, 3, 1]);
  stop();
  await watch;
});

Deno.test("watchAccount() respects the broker's Retry-After", async () => {
  await using account = await testAccount();
  const { clock, sandbox } = account;
  const { options, stop } = told(clock);
  const watch = watchAccount("work", account.context, options);
  await clock.pass(1439);
  sandbox.failNext({ status: 429, headers: { "retry-after": "200" } });
  await clock.pass(190);
  assert.equal(account.asked(), 1);
  await clock.pass(15);
  assert.equal(account.asked(), 2);
  stop();
  await watch;
});

Deno.test("watchAccount() leaves a rejected refresh token to the remembered refusal, and goes on after a login", async () => {
  await using account = await testAccount();
  const { clock, sandbox } = account;
  const { options, stop, story, failures, looks } = told(clock);
  const watch = watchAccount("work", account.context, options);
  sandbox.revokeAll();
  await clock.pass(12 * 3600);
  // The first one, ten minutes later, and six hours later: then it is the last word.
  assert.equal(account.asked(), 3);
  assert.deepEqual(failures, []); // it is told as login_needed, by the notifier's look
  assert.ok(looks.at(-1)?.tokens.refreshRefused !== undefined);
  const before = story().length;
  await account.logIn();
  await clock.pass(40);
  assert.deepEqual(story().slice(before), ["work seen"]);
  await clock.pass(1500);
  assert.equal(account.asked(), 4);
  assert.equal(story().at(-1), "work refreshed");
  stop();
  await watch;
});

Deno.test("watchAccount() says once what is wrong with a profile, and goes on when it is right", async () => {
  await using account = await testAccount();
  const { clock } = account;
  const { options, stop, story } = told(clock);
  let wrong = true;
  const watch = watchAccount(
    "work",
    () => wrong ? Promise.reject(new Error("wrong")) : account.context(),
    options,
  );
  await clock.pass(1000);
  assert.deepEqual(story(), ["work unreadable"]);
  wrong = false;
  await clock.pass(38);
  assert.deepEqual(story(), ["work unreadable", "work seen"]);
  stop();
  await watch;
});

Deno.test("watchAccount() leaves a follower alone", async () => {
  const clock = testClock();
  await using account = await testAccount({ clock });
  const { options, stop, story, looks } = told(clock);
  const context = await account.context();
  const watch = watchAccount(
    "work",
    () =>
      Promise.resolve({
        ...context,
        settings: { ...context.settings, keeper: "ssh://me@host" },
      }),
    options,
  );
  await clock.pass(7200);
  assert.deepEqual(story(), ["work follower"]);
  assert.deepEqual([looks.length, account.asked()], [0, 0]);
  stop();
  await watch;
});
