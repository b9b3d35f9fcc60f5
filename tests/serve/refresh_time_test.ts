import assert from "node:assert/strict";
import fc from "fast-check";
import { TdauthError } from "../../src/base/errors.ts";
import { TransientError } from "../../src/oauth/broker_fetch.ts";
import {
  LOOK_EVERY,
  refreshTime,
  waitAfter,
} from "../../src/serve/refresh_time.ts";
import {
  AccessToken,
  RefreshToken,
  type Tokens,
} from "../../src/token/token.ts";

const NOW = 1_796_000_000;
const now = () => NOW * 1000;

function tokens(expiresIn: number, age = 0, refreshLife = 604_800): Tokens {
  return {
    accessToken: new AccessToken({
      token: "A",
      accessTime: NOW - age,
      expiresIn,
    }, now),
    refreshToken: new RefreshToken({
      token: "R",
      accessTime: NOW - age,
      expiresIn: refreshLife,
    }, now),
  };
}

for (
  const [life, left] of [
    [1800, 360],
    [86_400, 17_280],
    [600, 120],
    [300, 120],
    [240, 120],
    [120, 60],
    [60, 45],
  ] as const
) {
  Deno.test(`refreshTime() leaves ${left} of ${life} seconds, 10 % more or less`, () => {
    assert.equal(
      refreshTime(tokens(life), 0.5),
      Math.max(NOW + life - left, NOW + 37),
    );
    const [late, early] = [
      refreshTime(tokens(life), 0),
      refreshTime(tokens(life), 1),
    ];
    assert.equal(
      Math.round(late),
      Math.max(NOW + life - Math.floor(left * 0.9), NOW + 37),
    );
    assert.ok(early <= late);
    assert.ok(NOW + life - early <= left * 1.1 + 0.001);
  });
}

Deno.test("refreshTime() is never before one look has passed, and never for a token that lives no longer", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 400 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    (life, random) => {
      const at = refreshTime(tokens(life), random);
      if (life <= LOOK_EVERY) assert.equal(at, Infinity);
      else {assert.ok(
          at >= NOW + LOOK_EVERY &&
            at < Math.max(NOW + life, NOW + LOOK_EVERY + 1),
        );}
    },
  ));
  assert.equal(refreshTime(tokens(5), 0.5), Infinity);
  assert.equal(refreshTime(tokens(5, 6), 0.5), Infinity);
});

Deno.test("refreshTime() is at once for an expired or absent access token, and never without a refresh token that can work", () => {
  assert.equal(refreshTime(tokens(1800, 1801), 0.5), 0);
  const { refreshToken } = tokens(1800);
  assert.equal(
    refreshTime({ accessToken: new AccessToken(), refreshToken }, 0.5),
    0,
  );
  const { accessToken } = tokens(1800, 1801);
  assert.equal(
    refreshTime({ accessToken, refreshToken: new RefreshToken() }, 0.5),
    Infinity,
  );
  assert.equal(refreshTime(tokens(1800, 1801, 100), 0.5), Infinity);
  assert.equal(refreshTime(tokens(Infinity), 0.5), Infinity);
});

Deno.test("waitAfter() doubles from 40 seconds to five minutes, and respects Retry-After up to an hour", () => {
  const plain = new Error("no");
  assert.deepEqual(
    [1, 2, 3, 4, 5, 50].map((times) => waitAfter(times, plain)),
    [40, 80, 160, 300, 300, 300],
  );
  const asked = (retryAfter: number) =>
    new TdauthError("broker_unavailable", "Cannot: busy", {
      cause: new TransientError("it returned 429", { status: 429, retryAfter }),
    });
  assert.equal(waitAfter(1, asked(900)), 900);
  assert.equal(waitAfter(1, asked(10)), 40);
  assert.equal(waitAfter(1, asked(1e9)), 3600);
});
