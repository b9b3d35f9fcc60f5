import assert from "node:assert/strict";
import {
  AccessToken,
  MemCache,
  RefreshToken,
  TdauthError,
  type Tokens,
} from "../../mod.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { refresh, type RefreshOptions } from "../../src/client/refresh.ts";
import { failsWith } from "../support.ts";
import { tokensIn } from "../tokens_in.ts";

const NOW = 1_700_000_000;
const provider: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize",
  tokenEndpoint: "https://acme.example/token",
};
const CUT = new TypeError(
  "error sending request: client error (SendRequest): connection closed before message completed",
);
const REFUSED = Response.json({ error: "invalid_grant" }, { status: 400 });
const good = (more = {}) =>
  Response.json({
    access_token: "A2",
    token_type: "Bearer",
    expires_in: 1800,
    ...more,
  });

const tokens = (
  more: Partial<Tokens> = {},
  clock = () => NOW * 1000,
): Tokens => ({
  accessToken: new AccessToken({
    token: "A1",
    accessTime: NOW - 1800,
    expiresIn: 1800,
  }, clock),
  refreshToken: new RefreshToken({
    token: "R1",
    accessTime: NOW - 1800,
    expiresIn: 604_800,
  }, clock),
  loginTime: NOW - 1800,
  provider: "acme",
  ...more,
});

interface Stage {
  readonly cache: MemCache;
  /** The refresh tokens that were sent. */
  readonly sent: string[];
  readonly warnings: string[];
  run(more?: Partial<RefreshOptions>): Promise<Tokens>;
}

/** A provider under the id that the tokens carry. */
function named(provider: Provider): RefreshOptions["provider"] {
  return { id: "acme", get: () => Promise.resolve(provider) };
}

/** A cache with expired tokens, and answers in the order in which they are given. */
async function stage(
  answers: readonly (Response | Error | (() => Response | Promise<Response>))[],
  before: Tokens = tokens(),
  now: () => number = () => NOW * 1000,
): Promise<Stage> {
  const cache = new MemCache({ now });
  await tokensIn(cache).save(before, "refresh");
  const sent: string[] = [];
  const warnings: string[] = [];
  return {
    cache,
    sent,
    warnings,
    run: (more = {}) =>
      refresh({
        cache: tokensIn(cache, now),
        provider: named(provider),
        app: { consumerKey: "KEY" },
        isAcceptable: (stored) => stored.accessToken.valid,
        now,
        log: (_level, message) => warnings.push(message),
        fetch: async (_url, init) => {
          const body = new URLSearchParams(String(init?.body));
          const answer = answers[sent.length];
          sent.push(String(body.get("refresh_token")));
          if (answer instanceof Error) throw answer;
          return typeof answer === "function"
            ? await answer()
            : answer?.clone() ?? REFUSED.clone();
        },
        ...more,
      }),
  };
}

Deno.test("refresh() keeps the old refresh token unless the answer has a new one", async () => {
  const kept = await stage([good()]);
  assert.equal((await kept.run()).refreshToken.token, "R1");
  const replaced = await stage([good({ refresh_token: "R2" })]);
  const after = await replaced.run();
  assert.deepEqual([after.refreshToken.token, after.loginTime], [
    "R2",
    NOW - 1800,
  ]);
  assert.equal(replaced.cache.refreshToken.token, "R2");
});

Deno.test("refresh() stores a mark before the request, and removes it afterwards", async () => {
  let pending: number | undefined;
  const test: Stage = await stage([async () => {
    pending = (await tokensIn(test.cache).load()).refreshPending;
    return good();
  }]);
  await test.run();
  assert.equal(pending, NOW);
  assert.equal((await tokensIn(test.cache).load()).refreshPending, undefined);
});

Deno.test("refresh() sends nothing while the mark cannot be stored, where the broker may replace the token", async () => {
  const test = await stage([good()]);
  test.cache.write = () =>
    Promise.reject(
      new TdauthError("cache_unreadable", "Cannot write: no space"),
    );
  await failsWith("cache_unreadable", test.run());
  assert.deepEqual(test.sent, []);
  const fixed = { ...provider, rotatesRefreshToken: false };
  const after = await test.run({ provider: named(fixed) });
  assert.equal(after.accessToken.token, "A2");
  assert.match(test.warnings.join("\n"), /no space.*used but not stored/s);
});

Deno.test("refresh() returns the token with a warning when the disk fills up meanwhile", async () => {
  const test: Stage = await stage([() => {
    test.cache.write = () =>
      Promise.reject(
        new TdauthError("cache_unreadable", "Cannot write: no space"),
      );
    return good({ refresh_token: "R2" });
  }]);
  assert.equal((await test.run()).accessToken.token, "A2");
  assert.equal(test.warnings.length, 1);
});

Deno.test("refresh() sends no token again that got no answer in time, where the broker may have replaced it", async () => {
  const late = new DOMException("Signal timed out.", "TimeoutError");
  const test = await stage([late, REFUSED]);
  await failsWith("broker_unavailable", test.run());
  assert.deepEqual(test.sent, ["R1"]);
  assert.equal((await tokensIn(test.cache).load()).refreshPending, NOW);
  // The next call finds the mark, and can say what has happened.
  const { message } = await failsWith("login_needed", test.run());
  assert.match(message, /earlier refresh was lost/);
  const kept = await stage([late, good()]);
  await kept.run({
    provider: named({ ...provider, rotatesRefreshToken: false }),
  });
  assert.deepEqual(kept.sent, ["R1", "R1"]);
});

Deno.test("refresh() waits for longer than ten seconds for an answer with which a rotated token would be lost", async () => {
  const gaveUp = async (rotatesRefreshToken: boolean) => {
    let signal: AbortSignal | undefined;
    const test = await stage([]);
    await test.run({
      provider: named({ ...provider, rotatesRefreshToken }),
      fetch: async (_url, init) => {
        signal ??= init?.signal ?? assert.fail("nothing ends it");
        await new Promise((resolve) => setTimeout(resolve, 12_000));
        return good();
      },
    });
    return signal?.aborted;
  };
  assert.deepEqual(await Promise.all([gaveUp(false), gaveUp(true)]), [
    true,
    false,
  ]);
});

Deno.test("refresh() tries a refresh token once more when the answer was lost", async () => {
  const test = await stage([CUT, good()]);
  assert.equal((await test.run()).accessToken.token, "A2");
  assert.deepEqual(test.sent, ["R1", "R1"]);
});

Deno.test("refresh() reports a login when the answer was lost twice, keeps the tokens, and the next call tries once", async () => {
  const test = await stage([CUT, CUT, CUT, good()]);
  assert.match(
    (await failsWith("login_needed", test.run())).message,
    /lost twice/,
  );
  assert.equal(test.cache.refreshToken.token, "R1");
  await failsWith("login_needed", test.run());
  assert.equal(test.sent.length, 3);
  assert.equal((await test.run()).accessToken.token, "A2");
});

Deno.test("refresh() says why the token is dead when an earlier answer was lost", async () => {
  const inOneCall = await stage([CUT, REFUSED]);
  assert.match(
    (await failsWith("login_needed", inOneCall.run())).message,
    /earlier refresh was lost/,
  );
  // The process that sent it was killed; only its mark is left.
  const killed = await stage([REFUSED], tokens({ refreshPending: NOW - 5 }));
  assert.match(
    (await failsWith("login_needed", killed.run())).message,
    /earlier refresh was lost/,
  );
  const neither = await stage([REFUSED]);
  assert.doesNotMatch(
    (await failsWith("login_needed", neither.run())).message,
    /lost/,
  );
});

Deno.test("refresh() continues with the old token after a killed refresh that the broker did not act on", async () => {
  const test = await stage([good()], tokens({ refreshPending: NOW - 5 }));
  assert.equal((await test.run()).accessToken.token, "A2");
  assert.equal((await tokensIn(test.cache).load()).refreshPending, undefined);
});

Deno.test("refresh() uses tokens that another process stored when its own are rejected", async () => {
  const theirs = tokens({
    accessToken: new AccessToken({
      token: "A9",
      accessTime: NOW,
      expiresIn: 1800,
    }, () => NOW * 1000),
    refreshToken: new RefreshToken({
      token: "R9",
      accessTime: NOW,
      expiresIn: 604_800,
    }, () => NOW * 1000),
  });
  const valid: Stage = await stage([async () => {
    await tokensIn(valid.cache).save(theirs, "refresh");
    return REFUSED.clone();
  }]);
  assert.equal((await valid.run()).accessToken.token, "A9");
  assert.deepEqual(valid.sent, ["R1"]);
  const expired: Stage = await stage([async () => {
    await tokensIn(expired.cache).save({
      ...theirs,
      accessToken: new AccessToken(),
    }, "refresh");
    return REFUSED.clone();
  }, good()]);
  assert.equal((await expired.run()).accessToken.token, "A2");
  assert.deepEqual(expired.sent, ["R1", "R9"]);
  assert.equal(expired.cache.refreshToken.token, "R9");
});

Deno.test("refresh() leaves no mark when the broker said no or was never reached", async () => {
  const down = new TypeError(
    "error sending request: client error (Connect): tcp connect error: Connection refused",
  );
  for (
    const answers of [[REFUSED], [down, down, down], [
      new Response("", { status: 503 }),
      down,
      down,
    ]]
  ) {
    const test = await stage(answers);
    await assert.rejects(test.run(), TdauthError);
    const { refreshPending, refreshToken } = await tokensIn(test.cache).load();
    assert.deepEqual([refreshPending, refreshToken.token], [undefined, "R1"]);
  }
});

Deno.test("refresh() does not write old tokens over those of a login that came in between", async () => {
  const test: Stage = await stage([async () => {
    await tokensIn(test.cache).save(
      tokens({
        refreshToken: new RefreshToken({ token: "NEW", expiresIn: 9 }),
      }),
      "refresh",
    );
    return new Response("", { status: 503, headers: { "retry-after": "60" } });
  }]);
  await failsWith("broker_unavailable", test.run());
  assert.equal(test.cache.refreshToken.token, "NEW");
});

Deno.test("refresh() does not treat an access token that has already expired as a success", async () => {
  let now = NOW;
  const clock = () => now * 1000;
  const test = await stage(
    [() => {
      now += 6;
      return good({ expires_in: 5, refresh_token: "R2" });
    }],
    tokens({}, clock),
    clock,
  );
  await failsWith("unexpected_answer", test.run({ now: clock }));
  assert.equal(test.cache.refreshToken.token, "R2"); // and yet nothing is lost
  assert.equal(test.sent.length, 1);
});

for (const expires_in of [0, -1, "0", undefined, "never"]) {
  Deno.test(`refresh() uses an access token with expires_in ${expires_in} until it is refused`, async () => {
    let now = NOW;
    const clock = () => now * 1000;
    const test = await stage(
      [good({ expires_in }), good()],
      tokens({}, clock),
      clock,
    );
    const { accessToken } = await test.run({ now: clock });
    assert.equal(accessToken.expiresIn, Infinity);
    now += 86_400;
    await test.run({ now: clock });
    assert.equal(test.sent.length, 1);
    assert.equal(test.warnings.length, typeof expires_in === "number" ? 1 : 0);
    await test.run({ now: clock, isAcceptable: () => false });
    assert.equal(test.sent.length, 2);
  });
}

for (const expires_in of [undefined, "1800", 1e300, "soon", null]) {
  Deno.test(`refresh() neither loops nor trusts expires_in ${expires_in}`, async () => {
    const test = await stage([good({ expires_in })]);
    const { accessToken } = await test.run();
    assert.equal(accessToken.valid, true);
    assert.ok(
      accessToken.expiresIn <= 31_557_600 || accessToken.expiresIn === Infinity,
    );
    await test.run();
    assert.equal(test.sent.length, 1);
  });
}

for (const life of [1e300, 4e9, "9".repeat(300)]) {
  Deno.test(`refresh() gives a refresh token ten years at most where the broker says ${life} seconds (line 57)`, async () => {
    const answer = { refresh_token: "R2", refresh_token_expires_in: life };
    const test = await stage([good(answer)]);
    assert.equal((await test.run()).refreshToken.expiresIn, 315_576_000);
    const own = { ...provider, refreshTokenLifetime: 1e300 };
    const other = await stage([good({ refresh_token: "R2" })]);
    const { refreshToken } = await other.run({ provider: named(own) });
    assert.equal(refreshToken.expiresIn, 315_576_000);
  });
}

for (const jump of [-86_400, 86_400]) {
  Deno.test(`refresh() after the clock jumped by ${jump} seconds sends one request and serves no expired token as valid`, async () => {
    let now = NOW;
    const clock = () => now * 1000;
    const test = await stage([good(), good()], tokens({}, clock), clock);
    await test.run({ now: clock });
    now += jump;
    assert.equal(test.cache.accessToken.valid, false);
    assert.equal((await test.run({ now: clock })).accessToken.valid, true);
    assert.equal(test.sent.length, 2);
    await test.run({ now: clock });
    assert.equal(test.sent.length, 2);
  });
}

Deno.test("refresh() asks the broker once about an invalid token, returns the same reason to all waiting callers, and asks again later", async () => {
  let now = NOW;
  const clock = () => now * 1000;
  const test = await stage([CUT, REFUSED, good()], tokens({}, clock), clock);
  const all = await Promise.all(
    Array.from(
      { length: 20 },
      () => failsWith("login_needed", test.run({ now: clock })),
    ),
  );
  assert.equal(test.sent.length, 2);
  for (const { message } of all) {
    assert.match(message, /earlier refresh was lost/);
  }
  now += 599;
  await failsWith("login_needed", test.run({ now: clock }));
  assert.equal(test.sent.length, 2);
  now += 1;
  assert.equal((await test.run({ now: clock })).accessToken.token, "A2");
  assert.equal((await tokensIn(test.cache).load()).refreshRefused, undefined);
});

Deno.test("refresh() sends a refresh token that was rejected again after ten minutes and after six hours, then not until a login", async () => {
  let now = NOW;
  const clock = () => now * 1000;
  const test = await stage(
    [REFUSED, REFUSED, REFUSED],
    tokens({
      refreshToken: new RefreshToken({ token: "R1", expiresIn: 1e9 }, clock),
    }, clock),
    clock,
  );
  const sentAfter = async (seconds: number) => {
    now += seconds;
    await failsWith("login_needed", test.run({ now: clock }));
    return test.sent.length;
  };
  const counts: number[] = [];
  for (const seconds of [0, 599, 1, 600, 20_999, 1, 600, 86_400, 1e7, -2e7]) {
    counts.push(await sentAfter(seconds));
  }
  assert.deepEqual(counts, [1, 1, 2, 2, 2, 3, 3, 3, 3, 3]);
});

Deno.test("refresh() repeats a refusal with its reason alone, also of a provider whose name has a port", async () => {
  const test = await stage([REFUSED]);
  const run = () =>
    test.run({ provider: named({ ...provider, name: "127.0.0.1:8443" }) });
  await failsWith("login_needed", run());
  const { message } = await failsWith("login_needed", run());
  assert.match(message, /^Cannot get an access token: the refresh token has/);
});

Deno.test("refresh() marks a sibling's token, too, before it sends it", async () => {
  const theirs = tokens({
    accessToken: new AccessToken(),
    refreshToken: new RefreshToken(
      { token: "R9", expiresIn: 604_800 },
      () => NOW * 1000,
    ),
  });
  let pending: number | undefined;
  const test: Stage = await stage([async () => {
    await tokensIn(test.cache).save(theirs, "refresh");
    return REFUSED.clone();
  }, async () => {
    pending = (await tokensIn(test.cache).load()).refreshPending;
    return good();
  }]);
  await test.run();
  assert.equal(pending, NOW);
  assert.deepEqual(test.sent, ["R1", "R9"]);
});

Deno.test("refresh() gives up with busy when another one does not end, and sends nothing", async () => {
  const test = await stage([good()]);
  const other = Promise.withResolvers<void>();
  const holder = test.cache.exclusive("refresh", () => other.promise);
  const error = await failsWith("busy", test.run({ timeout: 0.05 }));
  assert.match(error.message, /another process has been at it/);
  assert.deepEqual(test.sent, []);
  other.resolve();
  await holder;
  assert.equal((await test.run()).accessToken.token, "A2");
});

Deno.test("refresh() does not hold the refusal of one refresh token against another that is set", async () => {
  const test = await stage([REFUSED, good()]);
  await failsWith("login_needed", test.run());
  test.cache.refreshToken = new RefreshToken(
    { token: "SET", expiresIn: 9 },
    () => NOW * 1000,
  );
  assert.equal((await test.run()).accessToken.token, "A2");
  assert.deepEqual(test.sent, ["R1", "SET"]);
});

Deno.test("refresh() has at most 64 requests in progress in a process, and sends and marks nothing for waiting callers", async () => {
  const answer = Promise.withResolvers<void>();
  const all = await Promise.all(
    Array.from({ length: 70 }, () =>
      stage([async () => {
        await answer.promise;
        return good();
      }])),
  );
  const refreshing = all.map((test) => test.run());
  const sent = () => all.filter(({ sent }) => sent.length > 0).length;
  while (sent() < 64) await new Promise((resolve) => setTimeout(resolve, 5));
  const late = await stage([]);
  await failsWith("busy", late.run({ timeout: 0.05 }));
  assert.equal(sent(), 64);
  assert.deepEqual(late.sent, []);
  assert.equal((await tokensIn(late.cache).load()).refreshPending, undefined);
  answer.resolve();
  for (const { accessToken } of await Promise.all(refreshing)) {
    assert.equal(accessToken.token, "A2");
  }
  assert.equal(sent(), 70);
});

const PAGE = new Response("<html>Access Denied</html>", { status: 403 });

Deno.test("refresh() takes a web page for a refusal only when another comes at least a minute later", async () => {
  let now = NOW;
  const clock = () => now * 1000;
  const test = await stage(
    [PAGE, PAGE, new Response("", { status: 401 }), good()],
    tokens({}, clock),
    clock,
  );
  const run = () => test.run({ now: clock });
  const { message } = await failsWith("broker_unavailable", run());
  assert.match(message, /403 with a web page.*proxy/);
  now += 59;
  await failsWith("broker_unavailable", run());
  now += 11; // 70 seconds after the first, and 11 after the last
  assert.match(
    (await failsWith("login_needed", run())).message,
    /for more than a minute: it returned 401 with nothing/,
  );
  assert.deepEqual(test.sent, ["R1", "R1", "R1"]);
  const { refreshRefused, refreshPending, refreshToken } = await tokensIn(
    test.cache,
  ).load();
  assert.deepEqual([refreshRefused?.time, refreshPending, refreshToken.token], [
    NOW + 70,
    undefined,
    "R1",
  ]);
  await failsWith("login_needed", run());
  now += 600;
  assert.equal((await run()).accessToken.token, "A2");
  const { refreshDoubt } = await tokensIn(test.cache).load();
  assert.equal(refreshDoubt, undefined);
});

Deno.test("refresh() outlasts web pages of a weekend, which count as no refusal", async () => {
  let now = NOW;
  const clock = () => now * 1000;
  const weekend = Array.from({ length: 60 }, () => PAGE);
  const test = await stage([...weekend, good()], tokens({}, clock), clock);
  while (test.sent.length < weekend.length) {
    await assert.rejects(test.run({ now: clock }), TdauthError);
    now += 700;
  }
  assert.equal((await test.run({ now: clock })).accessToken.token, "A2");
});

Deno.test("refresh() sends the token once for all callers that wait while a web page comes back", async () => {
  const test = await stage([PAGE, PAGE]);
  const all = await Promise.all(
    Array.from(
      { length: 20 },
      () => failsWith("broker_unavailable", test.run()),
    ),
  );
  assert.equal(test.sent.length, 1);
  for (const { message } of all) assert.match(message, /403 with a web page/);
});

Deno.test("refresh() keeps a doubt while the broker is away, and drops it at a refresh of an older tdauth", async () => {
  let now = NOW;
  const clock = () => now * 1000;
  const down = new Response("", {
    status: 503,
    headers: { "retry-after": "99" },
  });
  const test = await stage([PAGE, down, PAGE], tokens({}, clock), clock);
  for (let i = 0; i < 2; i++) {
    await failsWith("broker_unavailable", test.run({ now: clock }));
    now += 60;
  }
  await failsWith("login_needed", test.run({ now: clock }));
  const accessToken = new AccessToken({
    token: "A1",
    accessTime: NOW - 60,
    expiresIn: 30,
  }, clock);
  const doubt = { time: NOW - 120, last: NOW - 120, reason: "a page" };
  const older = await stage(
    [PAGE],
    tokens({ accessToken, refreshDoubt: doubt }),
  );
  await failsWith("broker_unavailable", older.run());
});

for (
  const [what, answer, code] of [
    [
      "an error",
      Response.json({ error: "invalid_scope" }, { status: 404 }),
      "unexpected_answer",
    ],
    [
      "invalid_request",
      Response.json({ error: "invalid_request" }, { status: 400 }),
      "login_needed",
    ],
    [
      "a wrong secret",
      Response.json({ error: "invalid_client" }, { status: 401 }),
      "invalid_client",
    ],
    [
      "a message",
      Response.json({ message: "Forbidden" }, { status: 403 }),
      "login_needed",
    ],
    ["nothing", new Response("", { status: 400 }), "login_needed"],
    ["a page", PAGE, "broker_unavailable"],
  ] as const
) {
  Deno.test(`refresh() does not take ${what} in an answer for a lost answer`, async () => {
    const test = await stage([answer, REFUSED]);
    await failsWith(code, test.run());
    assert.equal((await tokensIn(test.cache).load()).refreshPending, undefined);
    const later = () => (NOW + 600) * 1000;
    const { message } = await failsWith(
      "login_needed",
      test.run({ now: later }),
    );
    assert.doesNotMatch(message, /lost/);
  });
}

Deno.test("refresh() keeps the mark after a web page with status 200: the broker may have used the token", async () => {
  const test = await stage([new Response("<html>")]);
  await failsWith("broker_unavailable", test.run());
  const { refreshPending, refreshDoubt } = await tokensIn(test.cache).load();
  assert.deepEqual([refreshPending, refreshDoubt?.time], [NOW, NOW]);
});
