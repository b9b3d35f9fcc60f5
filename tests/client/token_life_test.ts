/** Access tokens of any life, with a refresh token and without one. */
import assert from "node:assert/strict";
import {
  AccessToken,
  type Authorization,
  authorize,
  type AuthorizeOptions,
  MemCache,
  type Provider,
  RefreshToken,
  TdauthError,
} from "../../mod.ts";
import { failsWith } from "../support.ts";
import { tokensIn } from "../tokens_in.ts";

const provider: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize",
  tokenEndpoint: "https://acme.example/token",
  apiOrigin: "https://api.acme.example",
};
const START = 1_700_000_000;

/** An app whose stored access token has `left` of its `life`, and a clock that a test moves. */
async function stage(
  life: number,
  { left = life, refreshToken = true }: {
    left?: number;
    refreshToken?: boolean;
  } = {},
) {
  const clock = { seconds: START };
  const now = () => clock.seconds * 1000;
  const cache = new MemCache({ now });
  const issued = (token: string, accessTime: number) => ({
    token,
    accessTime,
    expiresIn: life,
  });
  await tokensIn(cache, now).save({
    accessToken: new AccessToken(issued("A0", START - life + left), now),
    refreshToken: refreshToken
      ? new RefreshToken({ ...issued("R", START), expiresIn: Infinity }, now)
      : new RefreshToken(),
    provider: "acme",
  }, "login");
  let refreshes = 0;
  const answer = () =>
    Response.json({
      access_token: `A${++refreshes}`,
      token_type: "Bearer",
      expires_in: life,
    });
  const options: AuthorizeOptions = {
    provider,
    consumerKey: "KEY",
    cache,
    interactive: false,
    now,
    log: () => {},
    fetch: (input) =>
      Promise.resolve(
        String(input instanceof Request ? input.url : input) ===
            provider.tokenEndpoint
          ? answer()
          : new Response(null, { status: 401 }),
      ),
  };
  return {
    clock,
    cache,
    options,
    /** What the next program gets; the code of its error where it gets nothing. */
    async next(more: AuthorizeOptions = {}): Promise<string> {
      try {
        return String((await authorize({ ...options, ...more })).accessToken);
      } catch (error) {
        return error instanceof TdauthError ? error.code : String(error);
      }
    },
    refreshes: () => refreshes,
  };
}

for (
  const [life, used, atLast] of [
    [1800, 1739, 1740],
    [600, 539, 540],
    [300, 269, 270],
    [60, 53, 54],
    [6, 5, 5.5],
  ] as const
) {
  Deno.test(`authorize() uses a token of ${life} seconds until the last minute, or the last tenth of a life below ten minutes`, async () => {
    const test = await stage(life);
    for (const age of [0, life / 2, used]) {
      test.clock.seconds = START + age;
      assert.equal(await test.next(), "A0", `${age}`);
    }
    assert.equal(test.refreshes(), 0);
    test.clock.seconds = START + atLast;
    assert.equal(await test.next(), "A1");
    assert.equal(test.refreshes(), 1);
  });

  Deno.test(`Authorization.token() uses a token of ${life} seconds as long`, async () => {
    const test = await stage(life);
    const td = await authorize(test.options);
    test.clock.seconds = START + used;
    assert.equal(await td.token(), "A0");
    test.clock.seconds = START + atLast;
    assert.equal(await td.token(), "A1");
  });
}

Deno.test("authorize() with minValid refreshes a token that lives no longer at every call", async () => {
  const test = await stage(6);
  assert.equal(await test.next({ minValid: 5 }), "A0");
  assert.equal(await test.next({ minValid: 6 }), "A1");
  assert.equal(await test.next({ minValid: 60 }), "A2");
  const half = await stage(1800, { left: 20 });
  assert.equal(await half.next({ minValid: 10 }), "A0");
});

Deno.test("authorize() called at once by many whose minValid is longer than a token's life sends one refresh", async () => {
  for (const life of [6, 60]) {
    const test = await stage(life, { left: 0 });
    const tokens = await Promise.all(
      Array.from({ length: 20 }, () => test.next({ minValid: 300 })),
    );
    assert.deepEqual(new Set(tokens), new Set(["A1"]));
    assert.equal(test.refreshes(), 1);
  }
});

Deno.test("Authorization.refresh() called at once by many with the same rejected token of a short life sends one refresh", async () => {
  const test = await stage(6, { left: 5 });
  const all = await Promise.all(
    Array.from({ length: 20 }, () => authorize(test.options)),
  );
  const tokens = await Promise.all(all.map((td) => td.refresh("A0")));
  assert.deepEqual(new Set(tokens.map(String)), new Set(["A1"]));
  assert.equal(test.refreshes(), 1);
});

Deno.test("authorize() without a refresh token uses the access token until it ends, and then needs a login", async () => {
  const test = await stage(1800, { refreshToken: false });
  test.clock.seconds = START + 1799;
  assert.equal(await test.next(), "A0");
  assert.equal(await test.next({ minValid: 300 }), "A0");
  test.clock.seconds = START + 1800;
  const error = await failsWith("login_needed", authorize(test.options));
  assert.equal(
    error.message,
    "Cannot get an access token: it has expired, and there is no refresh token",
  );
  assert.equal(test.refreshes(), 0);
});

Deno.test("Authorization without a refresh token uses the access token until it ends, and says why there is no other", async () => {
  const test = await stage(1800, { refreshToken: false });
  const td: Authorization = await authorize(test.options);
  test.clock.seconds = START + 1799;
  assert.equal(await td.token(), "A0");
  const error = await failsWith("login_needed", td.refresh());
  assert.match(error.message, /: there is no refresh token$/);
  assert.equal((await td.fetch("/x")).status, 401);
  test.clock.seconds = START + 1800;
  await failsWith("login_needed", td.token());
});

Deno.test("authorize() that may log in does so before an access token without a refresh token ends", async () => {
  const test = await stage(1800, { refreshToken: false });
  test.clock.seconds = START + 1700;
  assert.equal(await test.next({ interactive: true }), "A0");
  test.clock.seconds = START + 1799;
  // There is no callback URL.
  assert.equal(await test.next({ interactive: true }), "invalid_options");
});
