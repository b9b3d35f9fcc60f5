import assert from "node:assert/strict";
import { AccessToken, RefreshToken } from "../../mod.ts";
import { memCaches } from "../../src/web/mem_caches.ts";
import { tokensIn } from "../tokens_in.ts";

const token = { token: "CANARY-token", expiresIn: Infinity };

Deno.test("memCaches() forgets sessions whose tokens never expire when their time is over, and no others", async () => {
  let time = 0;
  const now = () => time;
  const cacheFor = memCaches(3600, now);
  const tokens = {
    accessToken: new AccessToken(token, now),
    refreshToken: new RefreshToken(token, now),
  };
  const stored = async (name: string) =>
    (await tokensIn(cacheFor(name)).load()).refreshToken.token !== undefined;
  await tokensIn(cacheFor("old")).save(tokens, "refresh");
  time = 3_000_000;
  await tokensIn(cacheFor("young")).save(tokens, "refresh");
  for (let count = 0; count < 2000; count++) cacheFor(`a ${count}`);
  assert.deepEqual([await stored("old"), await stored("young")], [true, true]);
  time = 3_601_000;
  for (let count = 0; count < 4000; count++) cacheFor(`b ${count}`);
  assert.deepEqual([await stored("old"), await stored("young")], [false, true]);
});
