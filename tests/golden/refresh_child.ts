/**
 * A program of a user of the module of today, or of that of c2180da, with its
 * settings from the environment: `refresh_child.ts old|new [REDIS]`. It says on
 * stderr that it asks for a token, and prints the one that it gets.
 */
import { authorize } from "@tdauth/tdauth";
import { connectRedis } from "@tdauth/tdauth/redis";
import { released } from "../processes/barrier.ts";
import { loadOld } from "./old.ts";

const [side = "", url] = Deno.args;
const old = await loadOld();
const write = (output: typeof Deno.stdout, text: string) =>
  output.writeSync(new TextEncoder().encode(text));
const options = { interactive: false, log: () => {} };

await released();
write(Deno.stderr, "asks\n");
write(Deno.stdout, await (side === "old" ? oldToken() : newToken()));

async function newToken(): Promise<string> {
  if (url === undefined) return String((await authorize(options)).accessToken);
  await using redis = await connectRedis({ url });
  const cache = redis.cacheFor("user");
  return String((await authorize({ ...options, cache })).accessToken);
}

async function oldToken(): Promise<string> {
  if (url === undefined) {
    return String((await old.authorize(options)).accessToken);
  }
  await using redis = await old.connectRedis({ url });
  const cache = redis.cacheFor("user");
  return String((await old.authorize({ ...options, cache })).accessToken);
}
