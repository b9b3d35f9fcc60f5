import assert from "node:assert/strict";
import { AccessToken, MemCache, RefreshToken } from "../../mod.ts";
import { holdTurn } from "../premise.ts";
import { testTokenCache } from "./token_cache_contract.ts";

testTokenCache("MemCache", () => {
  const store = new MemCache();
  return Promise.resolve({
    store,
    sameStore: store,
    otherAccount: new MemCache(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

Deno.test("MemCache has the seed's properties", () => {
  const cache = new MemCache();
  cache.refreshToken = new RefreshToken({ token: "R", expiresIn: 10 });
  cache.accessToken = new AccessToken({ token: "A", expiresIn: 10 });
  assert.deepEqual([cache.refreshToken.token, cache.accessToken.token], [
    "R",
    "A",
  ]);
  cache.clear(); // not awaited, as in the seed
  assert.deepEqual([cache.refreshToken.token, cache.accessToken.token], [
    undefined,
    undefined,
  ]);
});

Deno.test("MemCache shares nothing with another MemCache", async () => {
  const [one, two] = [new MemCache(), new MemCache()];
  one.accessToken = new AccessToken({ token: "A", expiresIn: 10 });
  assert.equal(two.accessToken.token, undefined);
  const turn = await holdTurn(one, "refresh");
  await two.exclusive("refresh", () => Promise.resolve());
  await turn.release();
});
