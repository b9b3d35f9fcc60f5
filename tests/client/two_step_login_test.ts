/** `beginLogin()` and `finishLogin()`, and what of a login is kept between them. */
import assert from "node:assert/strict";
import {
  type AuthorizeOptions,
  beginLogin,
  finishLogin,
  MemCache,
  rawKey,
  SealedCache,
  type TokenCache,
} from "../../mod.ts";
import {
  finish,
  pendingLoginOf,
  redirectOf,
} from "../../src/client/two_step_login.ts";
import { prepare } from "../../src/client/context.ts";
import { startSandbox } from "../../src/sandbox/mod.ts";
import { failsWith } from "../support.ts";
import { tokensIn } from "../tokens_in.ts";

async function stage(cache: TokenCache = new MemCache()) {
  const clock = { now: Date.now() };
  const sandbox = await startSandbox({
    broker: "tdameritrade",
    now: () => clock.now,
  });
  const options = {
    ...sandbox.app,
    provider: "tdameritrade",
    sandbox: sandbox.url,
    cache,
    now: () => clock.now,
    log: () => {},
  } satisfies AuthorizeOptions;
  return {
    sandbox,
    cache,
    options,
    clock,
    begin: async () => {
      const login = await beginLogin(options);
      const address = await sandbox.approveAndCopy(login.authorizationUrl);
      return { ...login, address };
    },
    exchanges: () =>
      sandbox.requests.filter(({ grantType }) =>
        grantType === "authorization_code"
      ).length,
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

Deno.test("finishLogin() refuses a login that was begun ten minutes ago, and one that never was", async () => {
  await using it = await stage();
  await failsWith("login_failed", finishLogin("?code=C&state=S", it.options));
  const { address, expires } = await it.begin();
  it.clock.now = expires * 1000;
  const { message } = await failsWith(
    "login_failed",
    finishLogin(address, it.options),
  );
  assert.match(message, /begun more than 10 minutes ago/);
  it.clock.now = expires * 1000 - 1000;
  // The broker's code is older than half a minute by then: a new one is.
  const again = await it.begin();
  it.clock.now += 1000;
  assert.equal(
    (await finishLogin(again.address, it.options)).accessToken.valid,
    true,
  );
});

Deno.test("finishLogin() refuses a login that was begun for another app or provider, and keeps it", async () => {
  await using it = await stage();
  const { address } = await it.begin();
  for (
    const other of [
      { consumerKey: "OTHER" },
      { provider: "schwab", consumerSecret: "S" },
    ]
  ) {
    const { message } = await failsWith(
      "login_failed",
      finishLogin(address, { ...it.options, ...other }),
    );
    assert.match(message, /another provider or app|none was begun/);
  }
  await finishLogin(address, it.options);
  assert.equal(it.exchanges(), 1);
});

Deno.test("finish() lets one of two through that have both checked the same redirect", async () => {
  await using it = await stage();
  const { address } = await it.begin();
  const context = await prepare(it.options);
  const pending = await pendingLoginOf(context);
  const redirect = await redirectOf(pending, address);
  assert.ok(typeof redirect !== "string");
  const results = await Promise.allSettled([
    finish(context, pending, redirect),
    finish(context, pending, redirect),
  ]);
  assert.deepEqual(results.map(({ status }) => status), [
    "fulfilled",
    "rejected",
  ]);
  assert.equal(it.exchanges(), 1);
});

Deno.test("a login that was begun shows no secret when its tokens are logged, and is sealed where they are", async () => {
  const inner = new MemCache();
  const plain = new MemCache();
  for (
    const [cache, store] of [
      [plain, plain],
      [new SealedCache(inner, rawKey(btoa("k".repeat(32)))), inner],
    ] as const
  ) {
    await using it = await stage(cache);
    const { authorizationUrl, address } = await it.begin();
    const state = new URL(authorizationUrl).searchParams.get("state") ?? "";
    const tokens = await tokensIn(cache).load();
    assert.equal(tokens.pendingLogin?.state, state);
    assert.ok(state.length > 40);
    for (
      const text of [Deno.inspect(tokens, { depth: 9 }), JSON.stringify(tokens)]
    ) {
      assert.ok(!text.includes(state));
    }
    assert.equal((await store.read()).includes(state), store === plain);
    await finishLogin(address, it.options);
    assert.equal((await tokensIn(cache).load()).pendingLogin, undefined);
  }
});

Deno.test("beginLogin() refuses what cannot succeed before the user logs in for nothing", async () => {
  await using it = await stage();
  const { callbackUrl: _, ...without } = it.options;
  // TD Ameritrade has closed its API.
  const { sandbox: __, ...real } = it.options;
  for (
    const options of [
      without,
      { ...it.options, callbackUrl: "ftp://127.0.0.1" },
      real,
    ]
  ) await failsWith("invalid_options", beginLogin(options));
  assert.equal(await it.cache.read(), "");
});
