import assert from "node:assert/strict";
import {
  AccessToken,
  RefreshToken,
  type TokenCache,
  type Tokens,
} from "../../mod.ts";
import { Overlap, until } from "../premise.ts";

/** A cache under test, and a second view of the same store, as another part of the program has. */
export interface CacheUnderTest extends AsyncDisposable {
  readonly cache: TokenCache;
  readonly sameStore: TokenCache;
}

const TOKENS: Tokens = {
  accessToken: new AccessToken({
    token: "A",
    accessTime: 1_700_000_000,
    expiresIn: 1800,
  }),
  refreshToken: new RefreshToken({
    token: "R",
    accessTime: 1_700_000_000,
    expiresIn: 604_800,
  }),
  loginTime: 1_700_000_000,
  scope: "api",
  provider: "schwab",
  consumerKey: "KEY",
};

function plain({ accessToken, refreshToken, ...rest }: Tokens): unknown {
  const data = (t: AccessToken) => [t.token, t.accessTime, t.expiresIn];
  return { ...rest, access: data(accessToken), refresh: data(refreshToken) };
}

/**
 * What every cache promises, as tests.
 *
 * @param name The cache's name.
 * @param open Makes an empty one.
 */
export function testTokenCache(
  name: string,
  open: () => Promise<CacheUnderTest>,
): void {
  Deno.test(`${name} is empty at first: both tokens are absent objects`, async () => {
    await using test = await open();
    const tokens = await test.cache.load();
    for (const token of [tokens.accessToken, tokens.refreshToken]) {
      assert.equal(token.token, undefined);
      assert.equal(token.valid, false);
    }
  });

  Deno.test(`${name} gives back everything that was saved, through any view of the store`, async () => {
    await using test = await open();
    await test.cache.save(TOKENS);
    assert.deepEqual(plain(await test.cache.load()), plain(TOKENS));
    assert.deepEqual(plain(await test.sameStore.load()), plain(TOKENS));
  });

  Deno.test(`${name} replaces what was saved before`, async () => {
    await using test = await open();
    await test.cache.save(TOKENS);
    const next: Tokens = {
      accessToken: new AccessToken({
        token: "A2",
        accessTime: 1_700_001_000,
        expiresIn: 60,
      }),
      refreshToken: TOKENS.refreshToken,
    };
    await test.sameStore.save(next);
    assert.deepEqual(plain(await test.cache.load()), plain(next));
  });

  Deno.test(`${name} forgets both tokens when cleared, and can be used again`, async () => {
    await using test = await open();
    await test.cache.save(TOKENS);
    await test.cache.clear();
    const { accessToken, refreshToken, loginTime } = await test.sameStore
      .load();
    assert.deepEqual([accessToken.token, refreshToken.token, loginTime], [
      undefined,
      undefined,
      undefined,
    ]);
    await test.cache.clear();
    await test.cache.save(TOKENS);
    assert.deepEqual(plain(await test.cache.load()), plain(TOKENS));
  });

  Deno.test(`${name} keeps a refresh token whose lifetime nobody knows`, async () => {
    await using test = await open();
    const refreshToken = new RefreshToken({
      token: "R",
      accessTime: 1_700_000_000,
      expiresIn: Infinity,
    });
    await test.cache.save({ ...TOKENS, refreshToken });
    assert.equal((await test.cache.load()).refreshToken.expiresIn, Infinity);
  });

  Deno.test(`${name} runs exclusive work of one kind one after the other, through any view`, async () => {
    await using test = await open();
    const [working, waiting] = [new Overlap(), new Overlap()];
    const allCame = Promise.withResolvers<void>();
    const order: number[] = [];
    const work = (i: number) =>
      working.during(async () => {
        await allCame.promise; // the first one stays until all others wait
        await new Promise((resolve) => setTimeout(resolve, 1));
        order.push(i);
      });
    const all = Array.from({ length: 20 }, (_, i) => {
      const view = i % 2 ? test.cache : test.sameStore;
      return waiting.during(() => view.exclusive("refresh", () => work(i)));
    });
    await until("the first one works", () => working.inside === 1);
    assert.deepEqual([waiting.inside, order], [20, []]);
    allCame.resolve();
    await Promise.all(all);
    assert.equal(working.most, 1);
    assert.deepEqual(
      order.toSorted((a, b) => a - b),
      Array.from({ length: 20 }, (_, i) => i),
    );
  });

  Deno.test(`${name} lets a refresh run while a login waits for its user`, async () => {
    await using test = await open();
    const user = Promise.withResolvers<string>();
    const logins = new Overlap();
    const login = test.cache.exclusive(
      "login",
      () => logins.during(() => user.promise),
    );
    await until("the login waits for its user", () => logins.inside === 1);
    assert.equal(
      await test.sameStore.exclusive("refresh", () =>
        Promise.resolve("refreshed")),
      "refreshed",
    );
    assert.equal(logins.inside, 1);
    user.resolve("logged in");
    assert.equal(await login, "logged in");
  });

  Deno.test(`${name} passes on what exclusive work throws, and the next one runs`, async () => {
    await using test = await open();
    const failing = test.cache.exclusive("refresh", () =>
      Promise.reject(new Error("no")));
    const next = test.cache.exclusive("refresh", () => Promise.resolve("yes"));
    await assert.rejects(failing, /no/);
    assert.equal(await next, "yes");
  });

  Deno.test(`${name} ends the wait for exclusive work on a signal, and nobody behind it suffers`, async () => {
    await using test = await open();
    const first = Promise.withResolvers<string>();
    const entered = Promise.withResolvers<void>();
    const holder = test.cache.exclusive("refresh", () => {
      entered.resolve();
      return first.promise;
    });
    await entered.promise;
    // As soon as it has begun to wait, and when it has waited for a while.
    const waited: Promise<unknown>[] = [];
    for (const milliseconds of [0, 50]) {
      const end = new AbortController();
      let ran = false;
      const waiter = test.sameStore.exclusive("refresh", () => {
        ran = true;
        return Promise.resolve();
      }, { signal: end.signal });
      let ended = false;
      waiter.catch(() => {}).finally(() => ended = true);
      waited.push(
        test.cache.exclusive("refresh", () => Promise.resolve("last")),
      );
      if (milliseconds > 0) {
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
      }
      assert.equal(ended, false);
      end.abort(new Error("enough"));
      await assert.rejects(waiter, /enough/);
      assert.equal(ran, false);
    }
    first.resolve("first");
    assert.equal(await holder, "first");
    assert.deepEqual(await Promise.all(waited), ["last", "last"]);
  });
}
