/**
 * Another process that stores new tokens, for `bench/calls.ts`: for each line
 * `TOKEN ACCESS_TIME` on stdin it saves them and prints when it began and when it
 * was done, in milliseconds since the epoch.
 *
 * `calls_child.ts CONFIG_DIR FILE`
 */
import { AccessToken, DiskCache, RefreshToken } from "../mod.ts";
import { StoredTokens } from "../src/cache/stored_tokens.ts";

const [directory = "", name = ""] = Deno.args;
const cache = new DiskCache(directory, name);
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
const now = () => performance.timeOrigin + performance.now();
for await (const line of lines) {
  const [token = "", accessTime = ""] = line.trim().split(" ");
  const began = now();
  await new StoredTokens(cache).save({
    accessToken: new AccessToken({
      token,
      accessTime: Number(accessTime),
      expiresIn: 86_400,
    }),
    refreshToken: new RefreshToken({ token: "REFRESH", expiresIn: 604_800 }),
    provider: "schwab",
  }, "refresh");
  Deno.stdout.writeSync(new TextEncoder().encode(`${began} ${now()}\n`));
}
