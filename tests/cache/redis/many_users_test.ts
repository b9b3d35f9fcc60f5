import assert from "node:assert/strict";
import { digestOf } from "./digest.ts";
import { type Application, pooled, startApplication } from "./many_users.ts";
import { type RedisServer, redisTest, startRedis } from "./redis_server.ts";
import { until } from "./stage.ts";
import { storedTokens } from "./stored_tokens.ts";

const USERS = 1000;
const CALLS = 4;
/** How many users ask at once while Redis is killed. */
const RUSHING = 60;
/** When, in milliseconds, users who are told to come later give up. */
const LONGEST = 600_000;
/** What those are told who cannot be served just now. */
const LATER = "503 cache_unreadable";

/** How a rush goes. */
interface Rush {
  /** The processes, in turn. @default {all} */
  readonly origins?: readonly string[];
  /** How many users at once. @default {all} */
  readonly atOnce?: number;
  /** Whether those who are told to come later do so, as often as need be: a busy machine may take long. @default {true} */
  readonly again?: boolean;
  /** Hears every answer. */
  readonly onAnswer?: (answer: string) => void;
}

/** Every user's token is asked for so many times at the same moment, at each process in turn. */
async function rush(
  app: Application,
  cookies: readonly string[],
  options: Rush = {},
): Promise<string[][]> {
  const { origins = app.origins, again = true, onAnswer } = options;
  const { atOnce = cookies.length } = options;
  const end = performance.now() + LONGEST;
  const answers: string[][] = [];
  await pooled(cookies.length, atOnce, async (user) => {
    answers[user] = await Promise.all(
      Array.from({ length: CALLS }, async (_, call) => {
        const origin = origins[call % origins.length] ?? "";
        for (;;) {
          const answer = await app.token(origin, cookies[user] ?? "");
          onAnswer?.(answer);
          const later = answer.startsWith("503 ") && performance.now() < end;
          if (!again || !later) return answer;
          await new Promise((resolve) => setTimeout(resolve, 500));
        }
      }),
    );
  });
  return answers;
}

/** All answers of a user are one token, and no two users' are the same. */
function assertTokens(
  answers: readonly (readonly string[])[],
  before: readonly (readonly string[])[],
): void {
  const odd = answers.filter((own) =>
    !/^[0-9a-f]{24}$/.test(own[0] ?? "") || new Set(own).size > 1
  );
  const some = odd.slice(0, 5).map((own) => own.join(", "));
  assert.deepEqual(some, [], `${odd.length} users were answered otherwise`);
  const tokens = new Set<string>();
  for (const [user, [token = ""]] of answers.entries()) {
    assert.notEqual(token, before[user]?.[0], `user ${user}`);
    tokens.add(token);
  }
  assert.equal(tokens.size, answers.length);
}

/** The refresh tokens that Redis holds, by user; each one of its own. */
async function refreshTokens(redis: RedisServer): Promise<Map<string, string>> {
  const users = await storedTokens(redis);
  const tokens = new Map(
    [...users].map(([user, { refreshToken }]) => [user, refreshToken]),
  );
  assert.equal(new Set(tokens.values()).size, USERS);
  return tokens;
}

/** How many users' tokens are not those of before. */
function changed(
  tokens: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, string>,
): number {
  return [...tokens].filter(([user, token]) => before.get(user) !== token)
    .length;
}

/** Presents a refresh token that another has replaced, as a thief would. */
async function reuse(app: Application, token: string): Promise<void> {
  const response = await fetch(app.sandbox.tokenEndpoint, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: token,
      client_id: app.sandbox.app.consumerKey,
    }),
  });
  assert.equal(response.status, 400, await response.text());
}

redisTest(
  `RedisCache lets ${USERS} users of 4 processes, and of 1, refresh at once with ${USERS} requests and no loss, at a broker that rotates each time and kills the login whose old token comes back`,
  async () => {
    await using redis = await startRedis();
    await using app = await startApplication(redis.url, { processes: 4 });
    const cookies = await app.logIn(USERS);
    let last = await rush(app, cookies);
    let tokens = await refreshTokens(redis);
    let old = tokens;
    assert.equal(await app.sent(), 0);
    for (const [round, processes] of [4, 4, 1].entries()) {
      await app.advance(1800);
      const origins = app.origins.slice(0, processes);
      const answers = await rush(app, cookies, { origins });
      assertTokens(answers, last);
      assert.equal(await app.sent(), USERS * (round + 1));
      last = answers;
      [old, tokens] = [tokens, await refreshTokens(redis)];
      assert.equal(changed(tokens, old), USERS, "each login's token rotated");
      // One a login: the others have been replaced, and none has been killed.
      assert.equal(await app.alive(), USERS);
    }
    const [[user, token] = ["", ""]] = old;
    assert.notEqual(tokens.get(user), token);
    await reuse(app, token);
    assert.equal(await app.alive(), USERS - 1, "the broker kills a reused one");
    await app.advance(1800);
    const answers = await rush(app, cookies);
    const out = answers.filter((own) => own.includes("401 none"));
    assert.deepEqual(out, [Array(CALLS).fill("401 none")]);
    const others = answers.filter((own) => !out.includes(own));
    assertTokens(others, []);
  },
);

redisTest(
  `RedisCache wastes no token of ${USERS} users when Redis is killed in the middle of their refreshes and comes back, at a broker that rotates each time`,
  async () => {
    await using redis = await startRedis(true);
    await using app = await startApplication(redis.url, {
      processes: 4,
      retryTimeout: 1,
    });
    const cookies = await app.logIn(USERS);
    const before = await rush(app, cookies);
    const old = await refreshTokens(redis);
    await app.advance(1800);
    // The broker has made new tokens, and its answers are on their way, when Redis dies.
    await app.hold(50);
    const told: string[] = [];
    const rushing = rush(app, cookies, {
      atOnce: RUSHING,
      again: false,
      onAnswer: (answer) => told.push(answer),
    });
    rushing.catch(() => {}); // what fails first is told
    await until(async () => (await app.held()).length === RUSHING);
    const held = await app.held();
    const sent = await app.sent();
    const users = await storedTokens(redis);
    const stored = await refreshTokens(redis);
    assert.ok(sent > RUSHING && sent < USERS, "it is killed in the middle");
    assert.equal(changed(stored, old), sent - RUSHING, "some are stored");
    assert.equal(
      [...users.values()].filter(({ pending }) => pending).length,
      RUSHING,
      "and some are in flight",
    );
    assert.equal(
      await holds(stored, held),
      0,
      "whose new tokens are not stored",
    );
    assert.equal(await app.alive(), USERS, "and whose old ones are dead");
    await redis.kill();
    await app.release();
    await until(async () => await app.unkept() === RUSHING);
    await until(() => Promise.resolve(told.includes(LATER)));
    await redis.start();
    const answers = (await rushing).flat();
    const odd = new Set(
      answers.filter((text) => !/^[0-9a-f]{24}$/.test(text)),
    );
    assert.ok(odd.delete(LATER), "some were told to come later");
    odd.delete("503 busy"); // and on a busy machine some waited for a turn in vain
    assert.deepEqual([...odd], [], "no user was sent to log in again");
    await until(async () =>
      await holds(await refreshTokens(redis), held) === RUSHING
    );
    const after = await rush(app, cookies);
    assertTokens(after, before);
    assert.equal(await app.sent(), USERS);
    assert.equal(changed(await refreshTokens(redis), old), USERS);
    assert.equal(await app.alive(), USERS, "the broker has killed no login");
  },
);

/** How many of the refresh tokens with these digests are among those of Redis. */
async function holds(
  tokens: ReadonlyMap<string, string>,
  digests: readonly string[],
): Promise<number> {
  const all = new Set(await Promise.all([...tokens.values()].map(digestOf)));
  return digests.filter((digest) => all.has(digest)).length;
}
