import assert from "node:assert/strict";
import { AccessToken, RefreshToken, type Tokens } from "../../mod.ts";
import {
  type StoreKind,
  storeTests,
  type StoreUnderTest,
} from "../../src/testing/mod.ts";
import { tokensIn } from "../tokens_in.ts";

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
 * @param kind What it is.
 */
export function testTokenCache(
  name: string,
  open: () => Promise<StoreUnderTest & AsyncDisposable>,
  kind: StoreKind = {},
): void {
  for (const test of storeTests(kind)) {
    Deno.test(`${name} ${test.name}`, () => test.run(open));
  }

  Deno.test(`${name} is empty at first: both tokens are absent objects`, async () => {
    await using test = await open();
    const tokens = await tokensIn(test.store).load();
    for (const token of [tokens.accessToken, tokens.refreshToken]) {
      assert.equal(token.token, undefined);
      assert.equal(token.valid, false);
    }
  });

  Deno.test(`${name} returns everything that was saved, through any view of the store`, async () => {
    await using test = await open();
    await tokensIn(test.store).save(TOKENS, "refresh");
    assert.deepEqual(plain(await tokensIn(test.store).load()), plain(TOKENS));
    assert.deepEqual(
      plain(await tokensIn(test.sameStore).load()),
      plain(TOKENS),
    );
  });

  Deno.test(`${name} replaces what was saved before`, async () => {
    await using test = await open();
    await tokensIn(test.store).save(TOKENS, "refresh");
    const next: Tokens = {
      accessToken: new AccessToken({
        token: "A2",
        accessTime: 1_700_001_000,
        expiresIn: 60,
      }),
      refreshToken: TOKENS.refreshToken,
    };
    await tokensIn(test.sameStore).save(next, "refresh");
    assert.deepEqual(plain(await tokensIn(test.store).load()), plain(next));
  });

  Deno.test(`${name} deletes both tokens when cleared, and can be used again`, async () => {
    await using test = await open();
    await tokensIn(test.store).save(TOKENS, "refresh");
    await test.store.clear();
    const { accessToken, refreshToken, loginTime } = await tokensIn(
      test.sameStore,
    ).load();
    assert.deepEqual([accessToken.token, refreshToken.token, loginTime], [
      undefined,
      undefined,
      undefined,
    ]);
    await test.store.clear();
    await tokensIn(test.store).save(TOKENS, "refresh");
    assert.deepEqual(plain(await tokensIn(test.store).load()), plain(TOKENS));
  });

  Deno.test(`${name} keeps a refresh token of unknown lifetime`, async () => {
    await using test = await open();
    const refreshToken = new RefreshToken({
      token: "R",
      accessTime: 1_700_000_000,
      expiresIn: Infinity,
    });
    await tokensIn(test.store).save({ ...TOKENS, refreshToken }, "refresh");
    assert.equal(
      (await tokensIn(test.store).load()).refreshToken.expiresIn,
      Infinity,
    );
  });
}
