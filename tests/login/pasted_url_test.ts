import assert from "node:assert/strict";
import fc from "fast-check";
import {
  describeRejection,
  parsePastedUrl,
  type PasteRejection,
} from "../../src/login/pasted_url.ts";
import type { UnreadRedirect } from "../../src/login/redirect.ts";

const CALLBACK = "https://127.0.0.1:8182/callback";
const STATE = "qL-2_x9-state";
const CODE = "C0.b3Rl+c2/x.Yz1_-@";
const QUERY = `?code=${
  encodeURIComponent(CODE)
}&session=6f1c-41&state=${STATE}`;

function paste(text: string, callback = CALLBACK): string {
  const result = parsePastedUrl(text, callback, STATE);
  return result.ok ? String(result.parameters.get("code")) : result.reason;
}

Deno.test("parsePastedUrl() accepts what people paste", () => {
  const url = CALLBACK + QUERY;
  for (
    const text of [
      url,
      `  ${url}\r\n`,
      `"${url}"`,
      `'${url}'`,
      `<${url}>`,
      `\`${url}\``,
      `“${url}”`,
      `<"${url}">`,
      `\x1b[200~${url}\x1b[201~`,
      `\ufeff${url}\u200b`,
      url.slice(0, 40) + "\n" + url.slice(40, 60) + " \r\n  " + url.slice(60),
      url.replaceAll("&", "&amp;"),
      url.replaceAll("&", "&#38;"),
      url.replace("https://", ""),
      url.replace("https:", ""),
      url.replace("https://127", "HTTPS://127"),
      url + "#_=_",
      QUERY,
      QUERY.slice(1),
      url.replace("https://", "http://"),
      url.replace("?", "#"),
      url.replace("?", "?session=x#"),
      url.replace("?", "#").replace("https://", "http://"),
      QUERY.replace("?", "#"),
    ]
  ) {
    assert.equal(paste(text), CODE, JSON.stringify(text));
  }
});

Deno.test("parsePastedUrl() checks a fragment as it checks a query, and lets none stand in for it", () => {
  assert.equal(paste(`${CALLBACK}#code=a&state=other`), "wrong_state");
  assert.equal(paste(`${CALLBACK}#code=a`), "missing_state");
  assert.equal(
    paste(`${CALLBACK}#code=a&code=b&state=${STATE}`),
    "repeated_parameter",
  );
  assert.equal(
    paste(`${CALLBACK}?state=${STATE}#code=a&state=${STATE}`),
    "missing_code",
  );
  assert.equal(
    paste(`https://localhost:1/${QUERY}`, "http://localhost:1/"),
    CODE,
  );
});

Deno.test("parsePastedUrl() accepts a URL of a callback URL with no path, with a query, and of another machine", () => {
  for (
    const callback of [
      "http://localhost:8080",
      "https://example.com/cb",
      "http://localhost:8080/?app=1",
      "myapp://callback",
    ]
  ) {
    const query = callback.includes("?") ? `&${QUERY.slice(1)}` : QUERY;
    assert.equal(paste(callback + query, callback), CODE, callback);
  }
});

Deno.test("parsePastedUrl() says what is wrong with a text", () => {
  const cases: readonly (readonly [string, PasteRejection])[] = [
    ["", "empty"],
    ["  \n", "empty"],
    ['""', "empty"],
    ["hello", "not_a_url"],
    ["yes please", "not_a_url"],
    ["https://", "not_a_url"],
    ["https://127.0.0.1:99999/callback?code=a", "not_a_url"],
    [
      `https://api.schwabapi.com/v1/oauth/authorize?state=${STATE}`,
      "other_url",
    ],
    [`ftp://127.0.0.1:8182/callback${QUERY}`, "other_url"],
    [`http://127.0.0.1/callback${QUERY}`, "other_url"],
    [`https://127.0.0.1:8183/callback${QUERY}`, "other_url"],
    [`https://127.0.0.1:8182.evil.example/callback${QUERY}`, "not_a_url"],
    [`https://127.0.0.1:8182@evil.example/callback${QUERY}`, "other_url"],
    [`https://127.0.0.1.evil.example:8182/callback${QUERY}`, "other_url"],
    [`127.0.0.1:8182.evil.example/callback${QUERY}`, "not_a_url"],
    [`https://127.0.0.1:8182/callback/${QUERY}`, "other_url"],
    [`https://127.0.0.1:8182/${QUERY}`, "other_url"],
    [CALLBACK, "missing_state"],
  ];
  for (const [text, reason] of cases) assert.equal(paste(text), reason, text);
});

Deno.test("parsePastedUrl() passes a pasted URL through the same checks as a redirect", () => {
  const cases: readonly (readonly [string, PasteRejection])[] = [
    ["?code=a", "missing_state"],
    ["?code=a&state=other", "wrong_state"],
    ["?error=access_denied", "missing_state"],
    ["?error=access_denied&state=other", "wrong_state"],
    [`?code=a&code=b&state=${STATE}`, "repeated_parameter"],
    [`?code=a&state=${STATE}&state=${STATE}`, "repeated_parameter"],
    [`?error=a&error=b&state=${STATE}`, "repeated_parameter"],
    [`?code=a&state=${STATE}&iss=a&iss=b`, "repeated_parameter"],
    [`?state=${STATE}`, "missing_code"],
    [`?code=&state=${STATE}`, "missing_code"],
    [`?code=a&error=b&state=${STATE}`, "code_and_error"],
  ];
  for (const [query, reason] of cases) {
    assert.equal(paste(CALLBACK + query), reason, query);
    assert.equal(paste(query), reason, query);
  }
  const denied = parsePastedUrl(
    `${CALLBACK}?error=access_denied&state=${STATE}`,
    CALLBACK,
    STATE,
  );
  assert.ok(denied.ok);
  assert.equal(denied.parameters.get("error"), "access_denied");
});

Deno.test("parsePastedUrl() never throws, whatever is pasted", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((tail) => CALLBACK + tail),
    fc.string().map((tail) => `127.0.0.1:8182${tail}`),
    fc.string().map((tail) => `?code=${tail}`),
    fc.webUrl(),
  );
  fc.assert(
    fc.property(text, (pasted) => {
      const result = parsePastedUrl(pasted, CALLBACK, STATE);
      assert.ok(!result.ok || result.parameters.get("state") === STATE);
    }),
    { numRuns: 500 },
  );
});

Deno.test("parsePastedUrl() accepts any valid redirect with any noise of the forgiven kinds", () => {
  const space = fc.string({
    unit: fc.constantFrom(" ", "\n", "\r\n", "\t", "\u00a0", "\u200b"),
    maxLength: 3,
  });
  const quotes = fc.constantFrom(["", ""], ["<", ">"], ['"', '"'], ["'", "'"], [
    "“",
    "”",
  ]);
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }).map((code) => code.toWellFormed()),
      fc.base64String({ minLength: 16 }).map((state) =>
        state.replace(/[+/=]/g, "-")
      ),
      quotes,
      space,
      fc.array(fc.tuple(fc.nat(), space), { maxLength: 4 }),
      fc.boolean(),
      fc.boolean(),
      (code, state, [open, close], around, breaks, entities, bare) => {
        let url = `${CALLBACK}?code=${
          encodeURIComponent(code).replaceAll("'", "%27")
        }&state=${state}`;
        if (entities) url = url.replaceAll("&", "&amp;");
        if (bare) url = url.replace("https://", "");
        for (const [at, white] of breaks) {
          const place = at % url.length;
          url = url.slice(0, place) + white + url.slice(place);
        }
        const result = parsePastedUrl(
          around + open + around + url + close + around,
          CALLBACK,
          state,
        );
        assert.ok(result.ok, JSON.stringify(result));
        assert.equal(result.parameters.get("code"), code);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("describeRejection() explains every reason as a clause for people", () => {
  const reasons: readonly (PasteRejection | UnreadRedirect)[] = [
    "posted",
    "no_answer",
    "empty",
    "not_a_url",
    "other_url",
    "missing_state",
    "wrong_state",
    "repeated_parameter",
    "missing_code",
    "code_and_error",
  ];
  for (const reason of reasons) {
    assert.match(describeRejection(reason), /^[a-z].+[^.]$/);
  }
  assert.equal(new Set(reasons.map(describeRejection)).size, reasons.length);
});
