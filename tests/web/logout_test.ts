/** What a logout says, and whether it is true. */
import assert from "node:assert/strict";
import { MemCache, type TokenCache } from "../../mod.ts";
import { forgetSession, Logouts } from "../../src/web/logouts.ts";
import { prepare } from "../../src/client/context.ts";
import { away, sharedCaches } from "./shared_caches.ts";
import { startSite, Visitor } from "./visitor.ts";

const POST = { method: "POST" };

Deno.test("createWebHandler() says 503 to a logout while the store is away, and the user can try again", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const session = visitor.cookies.get("tdauth-session") ?? "";
  cacheFor.away = true;
  const out = await visitor.get("/logout", POST);
  assert.equal(out.status, 503);
  assert.equal(out.headers.get("retry-after"), "30");
  assert.match(await out.text(), /You are still logged in/);
  assert.equal(visitor.cookies.get("tdauth-session"), session);
  assert.match(site.messages.join(), /the store is away/);

  cacheFor.away = false;
  assert.equal((await visitor.get("/logout", POST)).status, 303);
  assert.equal(visitor.cookies.size, 0);
  visitor.cookies.set("tdauth-session", session);
  assert.equal(await visitor.token(), undefined, "a copy of the cookie");
});

Deno.test("createWebHandler() says 503 to a logout whose tokens could be read and not forgotten", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  for (const cache of cacheFor.all()) {
    cache.clear = () => Promise.reject(away());
  }
  assert.equal((await visitor.get("/logout", POST)).status, 503);
  assert.equal(visitor.cookies.size, 1);
});

Deno.test("createWebHandler() logs out though the broker does not revoke the tokens", async () => {
  await using site = await startSite();
  const { authorizationEndpoint, tokenEndpoint, url } = site.sandbox;
  const web = await site.another({
    provider: {
      id: "elsewhere",
      name: "Elsewhere",
      authorizationEndpoint,
      tokenEndpoint,
      revocationEndpoint: `${url}/nowhere`,
      clientAuthentication: "none",
      pkce: false,
      exchangeParameters: { access_type: "offline" },
    },
  });
  const visitor = new Visitor(web);
  await visitor.logIn(site.sandbox);
  const session = visitor.cookies.get("tdauth-session") ?? "";
  assert.equal((await visitor.get("/logout", POST)).status, 303);
  assert.match(site.messages.join(), /Cannot revoke the tokens at Elsewhere/);
  assert.match(
    site.messages.at(-1) ?? "",
    /Elsewhere did not revoke them: they stay valid until \d{4}-\d\d-\d\dT/,
  );
  visitor.cookies.set("tdauth-session", session);
  assert.equal(await visitor.token(), undefined);
});

/** One session and its store. */
async function storeOf(cache: TokenCache) {
  const context = await prepare({
    provider: "tdameritrade",
    sandbox: "http://127.0.0.1:1",
    consumerKey: "KEY",
    cache: new MemCache(),
    log: () => {},
  });
  return { context, cacheFor: () => cache };
}

/** What ends the session of one cache, again and again. */
async function ending(
  cache: TokenCache,
  timeout: number,
): Promise<() => Promise<boolean>> {
  const store = await storeOf(cache);
  const logouts = new Logouts(timeout);
  return () => logouts.end(store, "S");
}

Deno.test("Logouts asks a store that hangs once for all logouts of a session", async () => {
  let asked = 0;
  const refuse = Promise.withResolvers<never>();
  const cache = Object.assign(new MemCache(), {
    exclusive: () => {
      asked++;
      return refuse.promise;
    },
    clear: () => Promise.reject(away()), // which is tried without a turn, too
  });
  const end = await ending(cache, 60_000);
  const outs = [end(), end(), end(), end(), end()];
  await new Promise((go) => setTimeout(go)); // all that they can do by themselves is done
  assert.equal(asked, 1);
  refuse.reject(away());
  assert.deepEqual(await Promise.all(outs), Array(5).fill(false));
  await end();
  assert.equal(asked, 2, "whoever comes later tries again");
});

Deno.test("Logouts gives up on a store that never answers", async () => {
  const never = new Promise<never>(() => {});
  const cache = Object.assign(new MemCache(), { exclusive: () => never });
  const end = await ending(cache, 1);
  assert.equal(await end(), false);
});

Deno.test("Logouts does not report tokens as deleted while a refresh of them continues", async () => {
  const cache = new MemCache();
  const answer = Promise.withResolvers<void>();
  const refresh = cache.exclusive("refresh", () => answer.promise);
  const end = await ending(cache, 1);
  assert.equal(await end(), false);
  answer.resolve();
  await refresh;
  const later = await ending(cache, 60_000);
  assert.equal(await later(), true);
});

Deno.test("forgetSession() tells an unavailable store, which may delete the tokens once it is back", async () => {
  let told = 0;
  const cache = Object.assign(new MemCache(), {
    exclusive: () => Promise.reject(away()),
    clear: () => {
      told++;
      return Promise.reject(away());
    },
  });
  await forgetSession(await storeOf(cache), "S");
  assert.equal(told, 1);
});

Deno.test("forgetSession() does not keep a new login waiting for a refresh that does not end", async () => {
  const cache = new MemCache();
  const answer = Promise.withResolvers<void>();
  const refresh = cache.exclusive("refresh", () => answer.promise);
  await forgetSession(await storeOf(cache), "S", 1);
  answer.resolve();
  await refresh;
});
