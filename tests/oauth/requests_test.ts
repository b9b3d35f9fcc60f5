import assert from "node:assert/strict";
import { TdauthError } from "../../src/base/errors.ts";
import {
  authorizationRequest,
  exchangeCode,
  refreshGrant,
  revokeToken,
} from "../../src/oauth/protocol.ts";
import type { App } from "../../src/oauth/client.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { schwab } from "../../src/providers/schwab.ts";
import { tdAmeritrade } from "../../src/providers/td_ameritrade.ts";

const own: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize?tenant=1",
  tokenEndpoint: "https://acme.example/token",
  revocationEndpoint: "https://acme.example/revoke",
  issuer: "https://acme.example",
};

interface Seen {
  readonly url: string;
  readonly headers: Headers;
  readonly body: Record<string, string>;
}

/** A `fetch` that notes the request and gives a regular answer. */
function noting(
  seen: Seen[],
  answer: unknown = {
    access_token: "A",
    token_type: "Bearer",
    refresh_token: "R",
  },
) {
  return (async (input, init) => {
    const request = new Request(input, init);
    seen.push({
      url: request.url,
      headers: request.headers,
      body: Object.fromEntries(new URLSearchParams(await request.text())),
    });
    return Response.json(answer);
  }) as typeof fetch;
}

async function exchange(
  provider: Provider,
  app: App,
  callbackUrl: string,
  redirect: string,
): Promise<Seen> {
  const request = await authorizationRequest(provider, app, callbackUrl);
  const seen: Seen[] = [];
  const parameters = new URLSearchParams(
    redirect.replace("STATE", request.state),
  );
  await exchangeCode(provider, app, callbackUrl, request, parameters, {
    fetch: noting(seen),
  });
  const [first] = seen;
  assert.ok(first !== undefined && seen.length === 1);
  return first;
}

const CALLBACKS = [
  "https://127.0.0.1:8182",
  "HTTPS://127.0.0.1:8182/",
  "http://localhost:8080/a?b=c",
  "https://x.example/%7Ea",
];

for (const callbackUrl of CALLBACKS) {
  Deno.test(`authorizationRequest() and exchangeCode() send ${callbackUrl} letter for letter`, async () => {
    const { url } = await authorizationRequest(
      schwab(),
      { consumerKey: "KEY" },
      callbackUrl,
    );
    assert.equal(new URL(url).searchParams.get("redirect_uri"), callbackUrl);
    assert.ok(
      url.includes(
        `redirect_uri=${
          encodeURIComponent(callbackUrl).replaceAll("~", "%7E")
        }`,
      ),
      url,
    );
    const app = { consumerKey: "KEY", consumerSecret: "SECRET" };
    assert.equal(
      (await exchange(schwab(), app, callbackUrl, "code=C&state=STATE"))
        .body["redirect_uri"],
      callbackUrl,
    );
  });
}

Deno.test("authorizationRequest() makes a state and a verifier of at least 128 random bits, new each time", async () => {
  const seen = new Set<string>();
  for (let i = 0; i < 50; i++) {
    const { state, codeVerifier } = await authorizationRequest(own, {
      consumerKey: "KEY",
    }, "http://localhost:1");
    for (const value of [state, codeVerifier ?? ""]) {
      assert.match(value, /^[\w-]{43}$/); // 256 bits in base64url
      seen.add(value);
    }
  }
  assert.equal(seen.size, 100);
});

Deno.test("authorizationRequest() sends PKCE with S256 where the provider supports it, and never plain", async () => {
  const { url, codeVerifier } = await authorizationRequest(own, {
    consumerKey: "KEY",
  }, "http://localhost:1");
  const { searchParams } = new URL(url);
  assert.equal(searchParams.get("code_challenge_method"), "S256");
  const digest = new Uint8Array(
    await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(codeVerifier),
    ),
  );
  const challenge = btoa(String.fromCharCode(...digest)).replaceAll("+", "-")
    .replaceAll("/", "_").replace(/=+$/, "");
  assert.equal(searchParams.get("code_challenge"), challenge);
  assert.equal(searchParams.get("tenant"), "1"); // the endpoint's own query stays
});

for (const provider of [schwab(), tdAmeritrade()]) {
  Deno.test(`authorizationRequest() sends ${provider.name} what its documentation lists and nothing else`, async () => {
    const { url } = await authorizationRequest(
      provider,
      { consumerKey: "KEY" },
      "https://127.0.0.1:8182",
    );
    assert.deepEqual([...new URL(url).searchParams.keys()].sort(), [
      "client_id",
      "redirect_uri",
      "response_type",
      "state",
    ]);
    assert.ok(
      url.startsWith(`${provider.authorizationEndpoint}?response_type=code&`),
    );
  });
}

Deno.test("authorizationRequest() adds TD Ameritrade's suffix to the consumer key unless it is there", async () => {
  for (const consumerKey of ["TEST", "TEST@AMER.OAUTHAP"]) {
    const { url } = await authorizationRequest(
      tdAmeritrade(),
      { consumerKey },
      "http://localhost:8080",
    );
    assert.equal(
      new URL(url).searchParams.get("client_id"),
      "TEST@AMER.OAUTHAP",
    );
    const seen = await exchange(
      tdAmeritrade(),
      { consumerKey },
      "http://localhost:8080",
      "code=C&state=STATE",
    );
    assert.equal(seen.body["client_id"], "TEST@AMER.OAUTHAP");
  }
});

Deno.test("exchangeCode() sends Schwab a Basic header of the key and the secret as they are", async () => {
  const app = { consumerKey: "KEY", consumerSecret: "s+/e=c%r:é" };
  const seen = await exchange(
    schwab(),
    app,
    "https://127.0.0.1:8182",
    "code=C0.abc%40&session=1&state=STATE",
  );
  const basic = seen.headers.get("authorization") ?? "";
  const bytes = Uint8Array.from(
    atob(basic.replace("Basic ", "")),
    (c) => c.charCodeAt(0),
  );
  assert.equal(new TextDecoder().decode(bytes), "KEY:s+/e=c%r:é");
  assert.deepEqual(seen.body, {
    grant_type: "authorization_code",
    code: "C0.abc@", // decoded once
    redirect_uri: "https://127.0.0.1:8182",
  });
  assert.equal(seen.url, "https://api.schwabapi.com/v1/oauth/token");
});

Deno.test("exchangeCode() sends TD Ameritrade its parameters in the body and no header", async () => {
  const seen = await exchange(
    tdAmeritrade(),
    { consumerKey: "KEY" },
    "http://localhost:8080",
    "code=C&state=STATE",
  );
  assert.equal(seen.headers.get("authorization"), null);
  assert.deepEqual(seen.body, {
    grant_type: "authorization_code",
    access_type: "offline",
    code: "C",
    client_id: "KEY@AMER.OAUTHAP",
    redirect_uri: "http://localhost:8080",
  });
});

Deno.test("refreshGrant() asks TD Ameritrade for a new refresh token only when told to", async () => {
  for (const renew of [false, true]) {
    const seen: Seen[] = [];
    await refreshGrant(tdAmeritrade(), { consumerKey: "KEY" }, "R", renew, {
      fetch: noting(seen),
    });
    assert.deepEqual(seen[0]?.body, {
      grant_type: "refresh_token",
      refresh_token: "R",
      client_id: "KEY@AMER.OAUTHAP",
      ...(renew && { access_type: "offline" }),
    });
  }
});

Deno.test("exchangeCode() authenticates as the provider says: Basic percent-encoded, in the body, or not at all", async () => {
  const secret = { consumerKey: "K&Y", consumerSecret: "s+c" };
  const basic = await exchange(
    own,
    secret,
    "http://localhost:1",
    "code=C&state=STATE",
  );
  assert.equal(
    atob((basic.headers.get("authorization") ?? "").replace("Basic ", "")),
    "K%26Y:s%2Bc",
  );
  assert.ok(basic.body["code_verifier"] !== undefined);
  const post = await exchange(
    { ...own, clientAuthentication: "client_secret_post" },
    secret,
    "http://localhost:1",
    "code=C&state=STATE",
  );
  assert.equal(post.body["client_secret"], "s+c");
  const none = await exchange(
    own,
    { consumerKey: "KEY" },
    "http://localhost:1",
    "code=C&state=STATE",
  );
  assert.equal(none.headers.get("authorization"), null);
  assert.equal(none.body["client_id"], "KEY");
});

Deno.test("exchangeCode() needs Schwab's secret and says so", async () => {
  await assert.rejects(
    exchange(
      schwab(),
      { consumerKey: "KEY" },
      "https://127.0.0.1:8182",
      "code=C&state=STATE",
    ),
    (error) =>
      error instanceof TdauthError && error.code === "invalid_options" &&
      /secret/.test(error.message),
  );
});

const badRedirects: readonly (readonly [string, string, string])[] = [
  [
    "a wrong iss",
    "login_failed",
    "code=C&state=STATE&iss=https://evil.example",
  ],
  [
    "a missing iss that the metadata promises",
    "login_failed",
    "code=C&state=STATE",
  ],
  [
    "access_denied",
    "login_denied",
    "error=access_denied&state=STATE&iss=https://acme.example",
  ],
  [
    "another error",
    "login_failed",
    "error=invalid_scope&error_description=<b>no</b>&state=STATE&iss=https://acme.example",
  ],
  [
    "server_error",
    "broker_unavailable",
    "error=server_error&state=STATE&iss=https://acme.example",
  ],
];

for (const [what, code, redirect] of badRedirects) {
  Deno.test(`exchangeCode() takes ${what} for ${code} and sends nothing`, async () => {
    const provider = { ...own, issInResponse: true };
    const request = await authorizationRequest(
      provider,
      { consumerKey: "KEY" },
      "http://localhost:1",
    );
    const seen: Seen[] = [];
    const parameters = new URLSearchParams(
      redirect.replace("STATE", request.state),
    );
    await assert.rejects(
      exchangeCode(
        provider,
        { consumerKey: "KEY" },
        "http://localhost:1",
        request,
        parameters,
        { fetch: noting(seen) },
      ),
      (error) => error instanceof TdauthError && error.code === code,
    );
    assert.equal(seen.length, 0);
  });
}

Deno.test("exchangeCode() treats a response without a refresh token as a failed login at a provider that always issues one", async () => {
  const request = await authorizationRequest(
    own,
    { consumerKey: "KEY" },
    "http://localhost:1",
  );
  await assert.rejects(
    exchangeCode(
      { ...own, refreshTokens: "always" },
      { consumerKey: "KEY" },
      "http://localhost:1",
      request,
      new URLSearchParams({
        code: "C",
        state: request.state,
      }),
      {
        fetch: noting([], {
          access_token: "A",
          token_type: "Bearer",
          expires_in: 3600,
        }),
      },
    ),
    (error) =>
      error instanceof TdauthError && error.code === "login_failed" &&
      /refresh token/.test(error.message),
  );
});

Deno.test("exchangeCode() says that a code may have expired", async () => {
  const request = await authorizationRequest(
    own,
    { consumerKey: "KEY" },
    "http://localhost:1",
  );
  await assert.rejects(
    exchangeCode(
      own,
      { consumerKey: "KEY" },
      "http://localhost:1",
      request,
      new URLSearchParams({
        code: "CANARY",
        state: request.state,
      }),
      {
        fetch: () =>
          Promise.resolve(
            Response.json({
              error: "invalid_grant",
              error_description: "CANARY",
            }, { status: 400 }),
          ),
      },
    ),
    (error) =>
      error instanceof TdauthError && error.code === "login_failed" &&
      /has expired/.test(error.message) &&
      /30 seconds/.test(error.hint?.format(["tdauth"]) ?? "") &&
      !Deno.inspect(error).includes("CANARY"),
  );
});

Deno.test("revokeToken() asks the endpoint, and says when there is none", async () => {
  const seen: Seen[] = [];
  const app = { consumerKey: "KEY" };
  assert.equal(
    await revokeToken(own, app, "R", "refresh_token", { fetch: noting(seen) }),
    true,
  );
  assert.deepEqual(seen[0]?.body, {
    token: "R",
    token_type_hint: "refresh_token",
    client_id: "KEY",
  });
  assert.equal(
    await revokeToken(schwab(), app, "R", "refresh_token", {
      fetch: noting(seen),
    }),
    false,
  );
  assert.equal(seen.length, 1);
});

Deno.test("revokeToken() accepts a server's empty response, and reports a failing server", async () => {
  const empty = () => Promise.resolve(new Response(null, { status: 200 }));
  assert.equal(
    await revokeToken(own, { consumerKey: "KEY" }, "R", "refresh_token", {
      fetch: empty,
    }),
    true,
  );
  const down = () => Promise.resolve(new Response("", { status: 503 }));
  await assert.rejects(
    revokeToken(own, { consumerKey: "KEY" }, "R", "refresh_token", {
      fetch: down,
    }),
    (error) =>
      error instanceof TdauthError && error.code === "broker_unavailable",
  );
});

Deno.test("exchangeCode() returns a grant without a refresh token, but not from Charles Schwab or TD Ameritrade", async () => {
  const app = { consumerKey: "KEY", consumerSecret: "SECRET" };
  for (const provider of [own, schwab(), tdAmeritrade()]) {
    const callbackUrl = "https://127.0.0.1";
    const request = await authorizationRequest(provider, app, callbackUrl);
    const result = await exchangeCode(
      provider,
      app,
      callbackUrl,
      request,
      new URLSearchParams({
        code: "C",
        state: request.state,
        ...(provider.issuer && { iss: provider.issuer }),
      }),
      { fetch: noting([], { access_token: "A", token_type: "Bearer" }) },
    ).then(({ accessToken }) => accessToken, ({ code }) => code);
    assert.deepEqual(
      result,
      provider === own ? "A" : "login_failed",
    );
  }
});
