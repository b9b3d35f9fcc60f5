import assert from "node:assert/strict";
import { inspect } from "node:util";
import { AccessToken, RefreshToken } from "../../src/token/token.ts";

const NOW = 1_700_000_000;
const clock = () => NOW * 1000;

for (const Token of [AccessToken, RefreshToken]) {
  Deno.test(`${Token.name} is valid until accessTime + expiresIn`, () => {
    let now = NOW;
    const token = new Token(
      { token: "T", accessTime: NOW, expiresIn: 1800 },
      () => now * 1000,
    );
    assert.equal(token.expiry, NOW + 1800);
    assert.equal(token.valid, true);
    now = NOW + 1799;
    assert.equal(token.valid, true);
    assert.equal(token.remaining, 1);
    now = NOW + 1800;
    assert.equal(token.valid, false);
    assert.equal(token.remaining, 0);
  });

  Deno.test(`${Token.name} that is absent is an object that is not valid and has no token`, () => {
    const token = new Token();
    assert.equal(token.token, undefined);
    assert.equal(token.valid, false);
    assert.equal(token.expiry, 0);
    assert.equal(String(token), "");
    assert.equal(new Token({ token: "", expiresIn: 9 }).token, undefined);
  });

  Deno.test(`${Token.name} is its value as a text and is never shown otherwise`, () => {
    const token = new Token({
      token: "CANARY",
      accessTime: NOW,
      expiresIn: 1800,
    }, clock);
    assert.equal(`Bearer ${token}`, "Bearer CANARY");
    const shown = [
      Deno.inspect(token),
      Deno.inspect({ deep: { token } }),
      inspect(token, { showHidden: true, depth: 9 }),
      JSON.stringify({ token }),
      JSON.stringify(Object.getOwnPropertyDescriptors(token)),
    ].join("\n");
    assert.ok(!shown.includes("CANARY"), shown);
    assert.match(shown, /redacted/);
  });

  Deno.test(`${Token.name} with lifetimes that are no numbers is not valid and can be inspected`, () => {
    for (const expiresIn of [NaN, -1, 0]) {
      assert.equal(
        new Token({ token: "T", accessTime: NOW, expiresIn }, clock).valid,
        false,
      );
    }
    for (const expiresIn of [Infinity, 1e300]) {
      const token = new Token(
        { token: "T", accessTime: NOW, expiresIn },
        clock,
      );
      assert.equal(token.valid, true);
      assert.match(Deno.inspect(token), /unknown/);
    }
  });

  Deno.test(`${Token.name} without an accessTime was issued now`, () => {
    assert.equal(
      new Token({ token: "T", expiresIn: 5 }, clock).accessTime,
      NOW,
    );
  });
}

Deno.test("AccessToken issued in the far future is not valid, for the clock was turned back", () => {
  const of = (accessTime: number) =>
    new AccessToken({ token: "T", accessTime, expiresIn: 1800 }, clock);
  assert.equal(of(NOW + 299).valid, true);
  assert.equal(of(NOW + 299).remaining, 1800);
  assert.equal(of(NOW + 301).valid, false);
});

Deno.test("RefreshToken issued in the far future is valid: the broker knows better than a clock that was turned back", () => {
  const token = new RefreshToken({
    token: "T",
    accessTime: NOW + 86_400,
    expiresIn: 1800,
  }, clock);
  assert.equal(token.valid, true);
  assert.equal(token.remaining, 1800);
});
