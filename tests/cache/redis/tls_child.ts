/** Does all that a cache does on a Redis over TLS, with the CA of DENO_CERT; its argument is the URL. */
import assert from "node:assert/strict";
import { connectRedis } from "../../../src/cache/redis/mod.ts";
import { stored, tokens, tokensIn } from "./stage.ts";

const [url = ""] = Deno.args;
await using store = await connectRedis({
  url,
  retryTimeout: 10,
  lease: 600,
});
const cache = store.cacheFor("user");
await cache.exclusive(
  "login",
  () => tokensIn(cache).save(tokens("1"), "login"),
);
await cache.exclusive("refresh", async () => {
  await tokensIn(cache).save(tokens("1"), "journal");
  await tokensIn(cache).save(tokens("2"), "refresh");
});
assert.equal(await stored(cache), "2");
// The turn is free for another process at once, long before its lease ends.
await using other = await connectRedis({ url, lease: 600 });
await other.cacheFor("user").exclusive("refresh", async () => {}, {
  signal: AbortSignal.timeout(8_000),
});
await cache.clear();
assert.equal(await cache.read(), "");
await Deno.stdout.write(new TextEncoder().encode("done\n"));
