/** When Redis is taken for away, and when it is only this process, or the load, that is slow. */
import assert from "node:assert/strict";
import { Silence } from "../../../src/cache/redis/silence.ts";
import { redisTest } from "./redis_server.ts";
import { stage, stored, tokens, tokensIn } from "./stage.ts";

redisTest(
  "RedisCache does not take Redis for away when its own process is too busy to read the answer",
  async () => {
    await using test = await stage({ retryTimeout: 0 });
    const cache = test.store.cacheFor("user");
    await tokensIn(cache).save(tokens("kept"), "refresh");
    const reading = stored(cache);
    const began = performance.now();
    while (performance.now() - began < 3000) {
      // Redis has answered long since; nothing has looked.
    }
    assert.equal(await reading, "kept");
  },
);

Deno.test("Silence waits for a queued reply as long as earlier ones come, and no longer", async () => {
  const silence = new Silence(400);
  let answered = 0;
  const answers = Array.from({ length: 10 }, (_, index) => {
    const answer = new Promise<number>((resolve) =>
      setTimeout(() => {
        answered++;
        resolve(index);
      }, 100 * (index + 1))
    );
    return silence.limit(answer);
  });
  const never = silence.limit(new Promise(() => {}));
  never.catch(() => {});
  assert.deepEqual(await Promise.all(answers), [...answers.keys()]);
  await assert.rejects(never);
  assert.equal(answered, answers.length);
});
