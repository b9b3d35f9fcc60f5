import assert from "node:assert/strict";
import { TdauthError, type TdauthErrorCode } from "../../src/base/errors.ts";
import type { Grant } from "../../src/oauth/grant.ts";
import { exchangeCode, refreshGrant } from "../../src/oauth/protocol.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { schwab } from "../../src/providers/schwab.ts";
import { tdAmeritrade } from "../../src/providers/td_ameritrade.ts";

const app = { consumerKey: "KEY", consumerSecret: "CANARY-SECRET" };
const JSON_TYPE = { "content-type": "application/json" };

/** Refreshes against one prepared answer. */
function refreshAgainst(
  answer: Response | Error,
  provider: Provider = schwab(),
): Promise<Grant> {
  return refreshGrant(provider, app, "CANARY-REFRESH", false, {
    fetch: () =>
      answer instanceof Error
        ? Promise.reject(answer)
        : Promise.resolve(answer),
  });
}

async function failure(
  answer: Response | Error,
  provider?: Provider,
): Promise<TdauthError> {
  const error = await refreshAgainst(answer, provider).then(
    () => undefined,
    (error) => error,
  );
  assert.ok(error instanceof TdauthError, String(error));
  const shown = `${
    Deno.inspect(error)
  } ${error.message} ${error.hint} ${error.stack}`;
  assert.ok(!shown.includes("CANARY"), shown);
  assert.ok(!/\p{Cc}/u.test(error.message), error.message);
  return error;
}

const json = (value: unknown, status = 200, headers = JSON_TYPE) =>
  new Response(typeof value === "string" ? value : JSON.stringify(value), {
    status,
    headers,
  });

const good = {
  access_token: "A",
  token_type: "Bearer",
  expires_in: 1800,
  refresh_token: "R",
  scope: "api",
};

/** What is no Bearer token (line 67): bound to a key, signed, misspelled, or nothing that is a type. */
const OTHER_TYPES = [
  ...["DPoP", "dpop", "MAC", "pop", "N_A", "Bearer DPoP", "Bearer\x1b[2J"],
  ...[0, true, ["Bearer"], { type: "Bearer" }],
];

const understood: readonly (readonly [string, unknown, Partial<Grant>])[] = [
  ["a regular answer", good, {
    accessToken: "A",
    expiresIn: 1800,
    refreshToken: "R",
    scope: "api",
  }],
  ["an answer without token_type", { ...good, token_type: undefined }, {
    accessToken: "A",
  }],
  ["token_type in lower case", { ...good, token_type: "bearer" }, {
    accessToken: "A",
  }],
  ["an id_token that is signed for someone else", {
    ...good,
    id_token: "e30.e30.c2ln",
  }, { accessToken: "A" }],
  ["an id_token that is no JWT", { ...good, id_token: "junk" }, {
    accessToken: "A",
  }],
  ["a textual lifetime", { ...good, expires_in: "1800" }, { expiresIn: 1800 }],
  ["a missing lifetime", { ...good, expires_in: undefined }, {
    accessToken: "A",
  }],
  ["a lifetime of zero as a missing one", { ...good, expires_in: 0 }, {
    noLifetime: 0,
  }],
  ["a negative lifetime as a missing one", { ...good, expires_in: -5 }, {
    noLifetime: -5,
  }],
  ["a lifetime in old servers' word", {
    ...good,
    expires_in: undefined,
    expires: "5183814",
  }, { expiresIn: 5_183_814 }],
  ["a date in that place as a missing lifetime", {
    ...good,
    expires_in: undefined,
    expires: 1_700_000_000,
  }, { accessToken: "A" }],
  ["a token_type with spaces around it", { ...good, token_type: " BEARER " }, {
    accessToken: "A",
  }],
  ["an empty token_type", { ...good, token_type: "" }, { accessToken: "A" }],
  ["a null token_type", { ...good, token_type: null }, { accessToken: "A" }],
  ["Keycloak's lifetime of the refresh token", {
    ...good,
    refresh_expires_in: 1800,
  }, { refreshTokenExpiresIn: 1800 }],
  ["Intuit's lifetime of the refresh token", {
    ...good,
    x_refresh_token_expires_in: 8_726_400,
  }, { refreshTokenExpiresIn: 8_726_400 }],
  ["a refresh token without an end", { ...good, refresh_expires_in: 0 }, {
    refreshTokenExpiresIn: Infinity,
  }],
  ["a lifetime that is nonsense as a missing one", {
    ...good,
    expires_in: "soon",
  }, { accessToken: "A" }],
  ["no refresh token", { ...good, refresh_token: undefined }, {
    accessToken: "A",
  }],
  ["a null refresh token", { ...good, refresh_token: null }, {
    accessToken: "A",
  }],
  ["an empty refresh token", { ...good, refresh_token: "" }, {
    accessToken: "A",
  }],
  ["a list of scopes", { ...good, scope: ["a", "b"] }, { scope: "a b" }],
  ["the refresh token's lifetime", {
    ...good,
    refresh_token_expires_in: 7_776_000,
  }, { refreshTokenExpiresIn: 7_776_000 }],
];

for (const [what, answer, expected] of understood) {
  Deno.test(`refreshGrant() understands ${what}`, async () => {
    const grant = await refreshAgainst(json(answer));
    for (const [key, value] of Object.entries(expected)) {
      assert.deepEqual(grant[key as keyof Grant], value);
    }
    if (what.includes("missing")) assert.equal(grant.expiresIn, undefined);
    if (/(no|null|empty) refresh/.test(what)) {
      assert.equal(grant.refreshToken, undefined);
    }
  });
}

Deno.test("refreshGrant() understands an answer that is a form", async () => {
  const form = (values: Record<string, string>, status = 200) =>
    new Response(new URLSearchParams(values), { status });
  const grant = await refreshAgainst(form({
    access_token: "gho_A",
    expires_in: "28800",
    refresh_token: "ghr_R",
    refresh_token_expires_in: "15897600",
    scope: "",
    token_type: "bearer",
  }));
  assert.deepEqual(grant, {
    accessToken: "gho_A",
    expiresIn: 28_800,
    refreshToken: "ghr_R",
    refreshTokenExpiresIn: 15_897_600,
    scope: "",
  });
  const { code } = await failure(
    form({ error: "bad_refresh_token", error_description: "it expired" }),
  );
  assert.equal(code, "login_needed");
  assert.equal(
    (await failure(new Response("hello=world", { status: 404 }))).code,
    "unexpected_answer",
  );
});

Deno.test("refreshGrant() understands status 201, a text content type and a byte order mark", async () => {
  assert.equal((await refreshAgainst(json(good, 201))).accessToken, "A");
  const text = new Response(`\uFEFF${JSON.stringify(good)}`, {
    headers: { "content-type": "text/plain" },
  });
  assert.equal((await refreshAgainst(text)).accessToken, "A");
});

const digest =
  `{"error_description":"Exception while authenticating refresh token [tokenDigest=abc=]","error":"refresh_token_authentication_error"}`;
const refused:
  readonly (readonly [string, TdauthErrorCode, Response | Error, Provider?])[] =
    [
      [
        "Schwab's expired refresh token",
        "login_needed",
        json({
          error: "unsupported_token_type",
          error_description: `400 Bad Request: "${digest}"`,
        }, 400),
      ],
      [
        "Schwab's other dead refresh token",
        "login_needed",
        json({
          error: "invalid_client",
          error_description: "refresh token invalid",
        }, 401),
      ],
      [
        "TD Ameritrade's dead refresh token",
        "login_needed",
        json({ error: "invalid_grant" }, 400),
        tdAmeritrade(),
      ],
      [
        "an error inside a 200",
        "login_needed",
        json({ error: "invalid_grant" }, 200),
      ],
      [
        "a wrong key or secret",
        "invalid_client",
        json(
          { error: "invalid_client", error_description: "Unauthorized" },
          401,
        ),
      ],
      [
        "an unauthorized client",
        "invalid_client",
        json({ error: "unauthorized_client" }, 400),
      ],
      [
        "a 401 with a challenge",
        "invalid_client",
        json({ error: "whatever" }, 401, {
          ...JSON_TYPE,
          ...{ "www-authenticate": "Basic realm=x" },
        }),
      ],
      [
        "too many requests",
        "broker_unavailable",
        json({ error: "slow_down" }, 429),
      ],
      [
        "a proxy's 502 page",
        "broker_unavailable",
        new Response("<html>CANARY</html>", { status: 502 }),
      ],
      [
        "a 503 with JSON",
        "broker_unavailable",
        json({ error: "invalid_grant" }, 503),
      ],
      [
        "a refused connection",
        "broker_unavailable",
        new TypeError(
          "error sending request: Connection refused CANARY-REFRESH",
        ),
      ],
      [
        "a page that says Access Denied",
        "broker_unavailable",
        new Response("<html>Access Denied CANARY</html>", { status: 403 }),
      ],
      [
        "a page with status 200",
        "broker_unavailable",
        new Response("<!doctype html>CANARY", { status: 200 }),
      ],
      [
        "an empty answer",
        "unexpected_answer",
        new Response("", { status: 200 }),
      ],
      [
        "JSON that is cut short",
        "unexpected_answer",
        json(`{"access_token":"CANARY`),
      ],
      ["JSON that is a list", "unexpected_answer", json([good])],
      [
        "an answer without an access token",
        "unexpected_answer",
        json({ ...good, access_token: undefined, x: "CANARY" }),
      ],
      [
        "an access token that is a number",
        "unexpected_answer",
        json({ ...good, access_token: 5 }),
      ],
      [
        "a token type that is not Bearer",
        "unexpected_answer",
        json({ ...good, token_type: "mac", x: "CANARY" }),
      ],
      ...OTHER_TYPES.map((token_type) =>
        [
          `a token of the type ${JSON.stringify(token_type)}`,
          "unexpected_answer",
          json({ ...good, token_type }),
        ] as const
      ),
      [
        "a form with a token of another type",
        "unexpected_answer",
        new Response("access_token=A&token_type=mac"),
      ],
      [
        "a redirect",
        "unexpected_answer",
        new Response(null, {
          status: 302,
          headers: { location: "https://evil.example/" },
        }),
      ],
      [
        "an answer over 1 MiB",
        "unexpected_answer",
        json(`"${"x".repeat(1_100_000)}"`),
      ],
      [
        "an unknown error with control characters, and its own secret in it",
        "login_needed",
        json({
          error: "odd",
          error_description:
            "bad\n\x1b[31mtoken CANARY-REFRESH CANARY-SECRET <script>",
        }, 400),
      ],
    ];

for (const [what, code, answer, provider] of refused) {
  Deno.test(`refreshGrant() takes ${what} for ${code}`, async () => {
    const error = await failure(answer, provider);
    assert.equal(error.code, code, error.message);
    assert.match(
      error.message,
      /^Cannot refresh the access token of (Charles Schwab|TD Ameritrade): /,
    );
  });
}

Deno.test("refreshGrant() says what the status was, and never shows a page", async () => {
  const error = await failure(
    new Response("<html><h1>Whitelabel Error Page</h1></html>", {
      status: 404,
    }),
  );
  assert.match(error.message, /404/);
  assert.doesNotMatch(error.message, /Whitelabel|<h/);
});

Deno.test("refreshGrant() mentions an app that is not ready where Schwab's answer may mean that", async () => {
  const error = await failure(
    json({ error: "invalid_client", error_description: "Unauthorized" }, 401),
  );
  assert.match(error.hint?.format(["tdauth"]) ?? "", /Ready For Use/);
});

Deno.test("refreshGrant() ends with the caller's reason when the caller's signal is aborted", async () => {
  const end = new AbortController();
  const pending = refreshGrant(schwab(), app, "R", false, {
    signal: end.signal,
    fetch: (_url, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () =>
          reject(init.signal?.reason));
        end.abort(new Error("enough"));
      }),
  });
  await assert.rejects(pending, /enough/);
});

Deno.test("refreshGrant() and exchangeCode() say which type a token has that is not Bearer (line 67)", async () => {
  const answer = () => json({ ...good, token_type: "DPoP" });
  const error = await failure(answer());
  assert.match(error.message, /its access token is of type DPoP/);
  const login = await exchangeCode(
    schwab(),
    app,
    "https://127.0.0.1:8182",
    { state: "S".repeat(43) },
    new URLSearchParams({ code: "C", state: "S".repeat(43) }),
    { fetch: () => Promise.resolve(answer()) },
  ).then(String, (error) => error);
  assert.equal(login.code, "unexpected_answer");
  assert.match(login.message, /its access token is of type DPoP/);
});
