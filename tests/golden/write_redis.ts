/** For `write.ts`: what the code of the checkout leaves in Redis. */
import { old, tokens, write } from "./checkout.ts";
import { APP, KEYS, NOW } from "./place.ts";

/** Writes `redis.json`. */
export async function writeRedis(): Promise<void> {
  const { rawKey, SealedCache } = await old("mod.ts");
  const { startRedis } = await old("tests/redis/redis_server.ts");
  const { connectRedis } = await old("src/redis/mod.ts");
  await using redis = await startRedis();
  const now = () => NOW * 1000;
  await using store = await connectRedis({ url: redis.url, now });
  const states: Record<string, unknown> = {};
  const dump = async () => {
    const all: Record<string, unknown> = {};
    for (const key of (await redis.command("KEYS", "*")).sort()) {
      const isHash = await redis.command("TYPE", key) === "hash";
      const value = await redis.command(isHash ? "HGETALL" : "GET", key);
      const ttl = await redis.command("PTTL", key);
      all[key] = { value, ttl: Math.round(ttl / 1000) };
    }
    await redis.command("FLUSHALL");
    return all;
  };
  const user = store.cacheFor("user");
  const whole = (name: string) => ({
    ...tokens(name, 0),
    provider: "schwab",
    consumerKey: APP,
  });
  await user.exclusive("login", () => user.save(whole("redis-login")));
  states["after a login"] = await dump();
  await user.exclusive("refresh", async () => {
    await user.save({ ...whole("redis-0"), refreshPending: NOW });
    await user.save(whole("redis-refresh"));
    states["in a turn to refresh"] = await dump();
  });
  await user.save(whole("redis-refresh"));
  await user.clear();
  states["after a logout"] = await dump();
  const named = store.cacheFor("é/{a} b");
  await named.save(whole("redis-named"));
  states["a user with another name"] = await dump();
  const sealed = new SealedCache(user, rawKey(KEYS.key), {
    name: "user",
    now,
  });
  await sealed.save(whole("redis-sealed"));
  states["sealed by a key"] = await dump();
  write("redis.json", states);
}
