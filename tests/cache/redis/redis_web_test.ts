/** A web application whose Redis goes away in the middle of what its users do. */
import assert from "node:assert/strict";
import { startSite, Visitor } from "../../web/visitor.ts";
import { eachCacheTest, stage, until } from "./stage.ts";

eachCacheTest(
  "keeps the login of a web application's user whose code was exchanged while Redis went away",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.2, now: Date.now }, {
      durable: true,
      sealed,
    });
    let goes = true;
    await using site = await startSite({
      cacheFor: test.store.cacheFor,
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        if (goes && `${init?.body}`.includes("authorization_code")) {
          goes = false;
          await test.redis.kill();
        }
        return answer;
      },
    });
    const visitor = new Visitor(site.web);
    const answer = await visitor.logIn(site.sandbox);
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /<h1>Your login is waiting/);
    await test.redis.start();
    await until(async () => await visitor.token() !== undefined);
    assert.deepEqual(
      site.sandbox.requests.filter(({ endpoint }) => endpoint === "token")
        .map(({ grantType, status }) => [grantType, status]),
      [["authorization_code", 200]],
    );
  },
);

eachCacheTest(
  "ends the session of a user who logged out of a web application while Redis was away",
  async (sealed) => {
    await using test = await stage({ retryTimeout: 0.2, now: Date.now }, {
      durable: true,
      sealed,
    });
    await using site = await startSite({ cacheFor: test.store.cacheFor });
    const visitor = new Visitor(site.web);
    await visitor.logIn(site.sandbox);
    assert.notEqual(await visitor.token(), undefined);
    await test.redis.kill();
    const answer = await visitor.get("/logout", {
      method: "POST",
      headers: { origin: "http://localhost:8000" },
    });
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /still logged in/);
    await test.redis.start();
    await until(async () => await visitor.token() === undefined);
  },
);
