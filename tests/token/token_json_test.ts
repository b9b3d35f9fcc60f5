import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AccessToken,
  formatTokens,
  parseTokens,
  RefreshToken,
  TdauthError,
  type Tokens,
} from "../../mod.ts";

const text = fc.string({ unit: "binary", minLength: 1 });
const seconds = fc.integer({ min: 0, max: 4_000_000_000 });
const data = fc.option(
  fc.record({
    token: text,
    accessTime: seconds,
    expiresIn: fc.integer({ min: 0, max: 300_000_000 }),
  }),
  { nil: undefined },
);
/** JSON makes no other objects. */
const PLAIN = { noNullPrototype: true } as const;
const tokens: fc.Arbitrary<Tokens> = fc.record({
  accessToken: data.map((value) => new AccessToken(value)),
  refreshToken: data.map((value) => new RefreshToken(value)),
}, { requiredKeys: ["accessToken", "refreshToken"] }).chain((base) =>
  fc.record({
    loginTime: seconds,
    scope: fc.string(),
    provider: fc.string(),
    consumerKey: fc.string(),
    refreshRefused: fc.record({
      time: seconds,
      reason: fc.string(),
      times: fc.nat(),
    }, PLAIN),
    refreshDoubt: fc.record({
      time: seconds,
      last: seconds,
      reason: fc.string(),
    }, PLAIN),
    client: fc.record({
      settings: fc.string(),
      works: fc.string(),
      rejected: fc.record({
        time: seconds,
        reason: fc.string(),
        ways: fc.array(fc.string()),
      }, PLAIN),
    }, { requiredKeys: ["settings"], ...PLAIN }),
  }, {
    requiredKeys: [],
  }).map((rest) => ({ ...base, ...rest }))
);
const plain = ({ accessToken: a, refreshToken: r, ...rest }: Tokens) => ({
  ...rest,
  a: [a.token, a.accessTime, a.expiresIn],
  r: [r.token, r.accessTime, r.expiresIn],
});

Deno.test("parseTokens() returns what formatTokens() wrote, whatever it was", () => {
  fc.assert(fc.property(tokens, (value) => {
    assert.deepEqual(plain(parseTokens(formatTokens(value))), plain(value));
  }));
});

Deno.test("formatTokens() keeps unknown keys of the text it replaces", () => {
  const unknown = fc.dictionary(
    fc.string().map((key) => `x${key}`),
    fc.jsonValue(),
  );
  fc.assert(fc.property(tokens, unknown, (value, keys) => {
    const again = JSON.parse(formatTokens(value, JSON.stringify(keys)));
    for (
      const [key, kept] of Object.entries(JSON.parse(JSON.stringify(keys)))
    ) {
      assert.deepEqual(again[key], kept);
    }
  }));
});

Deno.test("parseTokens() never throws anything but a TdauthError, which does not quote the text", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.json().map((json) => json.slice(0, -1)),
  );
  fc.assert(
    fc.property(anything, (input) => {
      try {
        parseTokens(input);
      } catch (error) {
        assert.ok(error instanceof TdauthError);
        assert.ok(["cache_corrupt", "cache_unreadable"].includes(error.code));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("parseTokens() rejects invalid entries", () => {
  const entry = { token: "CANARY", access_time: 1, expires_in: 1 };
  for (
    const file of [
      [],
      "text",
      { access_token: "CANARY" },
      { access_token: [] },
      { access_token: { ...entry, token: 5 } },
      { access_token: { ...entry, access_time: "1" } },
      { access_token: { ...entry, access_time: -1 } },
      { access_token: { ...entry, expires_in: "CANARY" } },
      { refresh_token: { ...entry, expires_in: -1 } },
    ]
  ) {
    assert.throws(() => parseTokens(JSON.stringify(file)), (error) => {
      assert.ok(
        error instanceof TdauthError && error.code === "cache_corrupt",
        JSON.stringify(file),
      );
      assert.ok(!Deno.inspect(error).includes("CANARY"));
      return true;
    });
  }
});

Deno.test("parseTokens() reads an empty text, a byte order mark and null entries as an empty cache", () => {
  for (
    const input of [
      "",
      " \n",
      "\uFEFF{}",
      `{"access_token":null,"refresh_token":null}`,
      `{"access_token":{"token":null}}`,
    ]
  ) {
    const { accessToken, refreshToken } = parseTokens(input);
    assert.deepEqual([accessToken.token, refreshToken.token], [
      undefined,
      undefined,
    ]);
  }
});

Deno.test("parseTokens() leaves a file of a newer format alone", () => {
  assert.throws(
    () => parseTokens(`{"version":2,"access_token":null}`),
    (error) =>
      error instanceof TdauthError && error.code === "cache_unreadable" &&
      `${error.hint}` === "update tdauth",
  );
});

Deno.test("parseTokens() limits lifetimes to ten years", () => {
  const { accessToken } = parseTokens(
    `{"access_token":{"token":"A","access_time":0,"expires_in":1e300}}`,
  );
  assert.equal(accessToken.expiresIn, 315_576_000);
});

Deno.test("formatTokens() takes a text that is nested too deeply for a corrupt one", () => {
  const deep = `{"x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  assert.throws(
    () =>
      formatTokens({
        accessToken: new AccessToken(),
        refreshToken: new RefreshToken(),
      }, deep),
    (error) => error instanceof TdauthError && error.code === "cache_corrupt",
  );
});

Deno.test("parseTokens() leaves out a damaged record of the client and a damaged doubt, and keeps the tokens", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (client, doubt) => {
    const parsed = parseTokens(JSON.stringify({
      access_token: { token: "A", access_time: 1, expires_in: 2 },
      client_authentication: client,
      refresh_doubt: doubt,
    }));
    assert.equal(parsed.accessToken.token, "A");
    assert.equal(parsed.client, undefined);
    assert.equal(parsed.refreshDoubt, undefined);
  }));
});

Deno.test("parseTokens() keeps every time and lifetime within what dates have, whatever numbers a file has (line 57)", () => {
  const number = fc.constantFrom("-1e308", "-1", "0", "1e12", "1e308", "1e999");
  const entry = fc.tuple(number, number).map(([time, life]) =>
    `{"token": "T", "access_time": ${time}, "expires_in": ${life}}`
  );
  const isTime = (time = 0) => time >= 0 && time <= 253_402_300_799;
  fc.assert(
    fc.property(
      fc.tuple(entry, entry, number, number, number, number),
      ([access, refresh, login, pending, time, last]) => {
        let read: Tokens;
        try {
          read = parseTokens(
            `{"access_token": ${access}, "refresh_token": ${refresh},
          "login_time": ${login}, "refresh_pending": ${pending},
          "refresh_refused": {"time": ${time}, "reason": "R"},
          "refresh_doubt": {"time": ${time}, "last": ${last}, "reason": "R"}}`,
          );
        } catch (error) {
          assert.ok(
            error instanceof TdauthError && error.code === "cache_corrupt",
          );
          assert.match(access + refresh, /-1/); // which is no number of seconds
          return;
        }
        const { accessToken, refreshToken, refreshDoubt } = read;
        for (const token of [accessToken, refreshToken]) {
          assert.ok(isTime(token.accessTime), `${token.accessTime}`);
          assert.ok(token.expiresIn <= 315_576_000);
          assert.notEqual(new Date(token.expiry * 1000).getTime(), NaN);
        }
        assert.ok(isTime(read.loginTime) && isTime(read.refreshPending));
        assert.ok(isTime(read.refreshRefused?.time));
        assert.ok(isTime(refreshDoubt?.time) && isTime(refreshDoubt?.last));
        // What is written of them can be read again, which Infinity cannot.
        assert.deepEqual(plain(parseTokens(formatTokens(read))), plain(read));
      },
    ),
    { seed: 20261130, numRuns: 2000 },
  );
});
