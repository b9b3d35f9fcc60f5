/** Sessions whose tokens are in the store and cannot be understood. */
import assert from "node:assert/strict";
import { rawKey, SealedCache, type SealKey, TdauthError } from "../../mod.ts";
import { failsWith } from "../support.ts";
import { sharedCaches } from "./shared_caches.ts";
import { startSite, Visitor } from "./visitor.ts";

const newKey = () =>
  rawKey(crypto.getRandomValues(new Uint8Array(32)).toBase64());

Deno.test("authorizationFor() returns undefined for a session that was sealed with another key, and the login that follows replaces it", async () => {
  const store = sharedCaches();
  const sealedWith = (key: SealKey) => (name: string) =>
    new SealedCache(store(name), key, { name, strict: true });
  await using site = await startSite({ cacheFor: sealedWith(newKey()) });
  const changed = await site.another({ cacheFor: sealedWith(newKey()) });
  const visitor = new Visitor(changed);
  await visitor.get(
    await site.sandbox.approveAndCopy(await visitor.begin()),
    {},
    site.web,
  );
  assert.notEqual(await visitor.token(site.web), undefined);
  assert.equal(await visitor.token(), undefined);
  assert.match(site.messages.join(), /Cannot open the sealed tokens/);

  assert.equal((await visitor.logIn(site.sandbox)).status, 303);
  assert.notEqual(await visitor.token(), undefined);
  const [old] = store.all();
  assert.equal(await old?.read(), "", "the old one is gone");
});

Deno.test("authorizationFor() returns undefined for a session whose tokens are damaged", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const [cache] = cacheFor.all();
  assert.ok(cache);
  cache.read = () =>
    Promise.reject(new TdauthError("cache_corrupt", "Cannot read tokens"));
  assert.equal(await visitor.token(), undefined);
  assert.match(site.messages.join(), /Cannot read tokens/);
});

Deno.test("authorizationFor() throws cache_sealed when the key of all tokens is missing, and a login spends no code", async () => {
  const store = sharedCaches();
  const key = newKey();
  let gone = false;
  const refuse = <T>(run: () => Promise<T>) =>
    gone
      ? Promise.reject(new TdauthError("cache_sealed", "Cannot get the key"))
      : run();
  const mayGo: SealKey = {
    ...key,
    make: () => refuse(() => key.make()),
    find: (parameters) => refuse(() => key.find(parameters)),
  };
  await using site = await startSite({
    cacheFor: (name) =>
      new SealedCache(store(name), mayGo, { name, strict: true }),
  });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  gone = true;
  await failsWith("cache_sealed", visitor.token());
  const requests = site.sandbox.requests.length;
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  const sent = site.sandbox.requests.length;
  const answer = await visitor.get(copy);
  assert.equal(answer.status, 500);
  assert.match(await answer.text(), /Contact its operator/);
  assert.equal(site.sandbox.requests.length, sent, "the code is not exchanged");
  assert.ok(requests < sent);
  gone = false;
  assert.notEqual(await visitor.token(), undefined, "the session goes on");
});
