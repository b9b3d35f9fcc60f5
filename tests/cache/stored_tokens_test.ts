/** What a store is told beside the text, and how often a text is parsed. */
import assert from "node:assert/strict";
import {
  AccessToken,
  MemCache,
  noTokens,
  rawKey,
  RefreshToken,
  SealedCache,
  type Tokens,
  type WriteOptions,
} from "../../mod.ts";
import { StoredTokens } from "../../src/cache/stored_tokens.ts";

const NOW = 1_700_000_000;
const now = () => NOW * 1000;

function tokens(access: number, refresh: number): Tokens {
  const data = (expiresIn: number) => ({
    token: "T",
    accessTime: NOW,
    expiresIn,
  });
  return {
    accessToken: new AccessToken(data(access), now),
    refreshToken: new RefreshToken(data(refresh), now),
  };
}

/** A store that remembers what it was told. */
class ToldCache extends MemCache {
  readonly told: WriteOptions[] = [];
  override write(text: string, options: WriteOptions): Promise<void> {
    this.told.push(options);
    return super.write(text);
  }
}

for (
  const [what, saved, expires] of [
    ["the refresh token expires", tokens(1800, 9000), NOW + 9000],
    [
      "the access token expires, where it lives longer",
      tokens(60, 9),
      NOW + 60,
    ],
    ["ten minutes are over, where there are none", noTokens(), NOW + 600],
    ["nothing is known", tokens(1800, Infinity), undefined],
  ] as const
) {
  Deno.test(`StoredTokens lets a store delete the text when ${what}`, async () => {
    for (const sealed of [false, true]) {
      const inner = new ToldCache();
      const store = sealed
        ? new SealedCache(inner, rawKey(btoa("k".repeat(32))))
        : inner;
      await new StoredTokens(store, { now }).save(saved, "journal");
      assert.deepEqual(inner.told, [
        expires === undefined
          ? { kind: "journal" }
          : { kind: "journal", expires },
      ]);
    }
  });
}

Deno.test("StoredTokens of a session stores no refresh token that lives longer", async () => {
  const store = new ToldCache({ now });
  const until = NOW + 3600;
  const stored = new StoredTokens(store, { now, until });
  await stored.save(tokens(1800, Infinity), "login");
  assert.equal(store.refreshToken.expiry, until);
  assert.deepEqual(store.told, [{ kind: "login", expires: until }]);
});

Deno.test("StoredTokens of a session stores no access token that lives longer", async () => {
  const store = new ToldCache({ now });
  const until = NOW + 3600;
  const stored = new StoredTokens(store, { now, until });
  for (const [lifetime, end] of [[Infinity, until], [1800, NOW + 1800]]) {
    await stored.save({
      ...tokens(lifetime ?? 0, 0),
      refreshToken: new RefreshToken(),
    }, "login");
    assert.equal(store.accessToken.expiry, end);
    assert.deepEqual(store.told.at(-1), { kind: "login", expires: end });
  }
});

Deno.test("StoredTokens parses a text once, by whichever object of one clock, and a new one anew", async () => {
  const store = new MemCache();
  const open = () => new StoredTokens(store, { now });
  await open().save(tokens(1800, 9000), "login");
  const first = await open().load();
  assert.equal(await open().load(), first);
  assert.notEqual(await new StoredTokens(store).load(), first);
  await open().save(tokens(1700, 9000), "refresh");
  assert.equal((await open().load()).accessToken.expiresIn, 1700);
  await store.clear();
  assert.equal((await open().load()).accessToken.token, undefined);
});
