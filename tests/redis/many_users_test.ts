import assert from "node:assert/strict";
import { type Application, pooled, startApplication } from "./many_users.ts";
import { redisTest, startRedis } from "./redis_server.ts";

const USERS = 1000;
const CALLS = 4;

/** Every user's token is asked for so many times at the same moment, at each process in turn; so many users at once. */
async function rush(
  app: Application,
  cookies: readonly string[],
  { origins = app.origins, atOnce = cookies.length } = {},
): Promise<string[][]> {
  const answers: string[][] = [];
  await pooled(cookies.length, atOnce, async (user) => {
    answers[user] = await Promise.all(
      Array.from(
        { length: CALLS },
        (_, call) =>
          app.token(origins[call % origins.length] ?? "", cookies[user] ?? ""),
      ),
    );
  });
  return answers;
}

/** All answers of a user are one token, and no two users' are the same. */
function assertTokens(
  answers: readonly (readonly string[])[],
  before: readonly (readonly string[])[],
): void {
  const tokens = new Set<string>();
  for (const [user, own] of answers.entries()) {
    assert.match(own[0] ?? "", /^[0-9a-f]{24}$/, `user ${user}`);
    assert.equal(new Set(own).size, 1, `user ${user}: ${own}`);
    assert.notEqual(own[0], before[user]?.[0]);
    tokens.add(own[0] ?? "");
  }
  assert.equal(tokens.size, answers.length);
}

redisTest(
  `RedisCache lets ${USERS} users of 4 processes, and of 1, refresh at once with ${USERS} requests and no loss`,
  async () => {
    await using redis = await startRedis();
    await using app = await startApplication(redis.url, { processes: 4 });
    const cookies = await app.logIn(USERS);
    let last = await rush(app, cookies);
    assert.equal(await app.sent(), 0);
    for (const [round, processes] of [4, 4, 1].entries()) {
      await app.advance(1800);
      const origins = app.origins.slice(0, processes);
      const answers = await rush(app, cookies, { origins });
      assertTokens(answers, last);
      assert.equal(await app.sent(), USERS * (round + 1));
      last = answers;
    }
  },
);

redisTest(
  `RedisCache burns no token of ${USERS} users when Redis is killed in the middle of their refreshes and comes back`,
  async () => {
    await using redis = await startRedis(true);
    await using app = await startApplication(redis.url, {
      processes: 4,
      patience: 1,
    });
    const cookies = await app.logIn(USERS);
    const before = await rush(app, cookies);
    await app.advance(1800);
    // The broker has made new tokens, and its answers are on their way, when Redis dies.
    app.sandbox.failNext({ delayMs: 200, times: USERS });
    const rushing = rush(app, cookies, { atOnce: 60 });
    while (await app.sent() < USERS / 4) await pause(5);
    await redis.kill();
    const sent = await app.sent();
    assert.ok(sent < USERS, "it was killed in the middle");
    await pause(2000);
    await redis.start();
    const answers = await rushing;
    const texts = new Set(answers.flat().filter((text) => text.includes(" ")));
    // Whoever could not be served is told so; nobody is sent to log in again.
    assert.deepEqual([...texts], ["503 cache_unreadable"]);
    const after = await rush(app, cookies);
    assertTokens(after, before);
    assert.equal(await app.sent(), USERS);
  },
);

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
