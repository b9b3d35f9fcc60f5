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
