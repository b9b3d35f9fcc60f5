/** How the client authenticates where the provider does not say: one attempt more for each encoding, remembered, and bounded. */
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AccessToken,
  MemCache,
  RefreshToken,
  TdauthError,
  type Tokens,
} from "../../mod.ts";
import { refresh, type RefreshOptions } from "../../src/client/refresh.ts";
import { exchangeCode } from "../../src/oauth/protocol.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { schwab } from "../../src/providers/schwab.ts";
import { failsWith } from "../support.ts";
import { tokensIn } from "../tokens_in.ts";

const NOW = 1_700_000_000;
const own: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize",
  tokenEndpoint: "https://acme.example/token",
  announcedAuthentications: ["client_secret_basic", "client_secret_post"],
};
const UUID = "0b1c9d3e-7a52-4f7e-9d35-0d4b6a1f2c3d";
const PLAIN = { consumerKey: UUID, consumerSecret: "a-b_c.d~e" };
const ODD = { consumerKey: UUID, consumerSecret: "p+w/=%é :" };

/** How a server reads the client's proof. */
type Reads = "decoded" | "raw" | "body" | "nothing";

const decode = (text: string) =>
  decodeURIComponent(text.replaceAll("+", "%20"));

/** What a request proves to a server: the id and the secret as it reads them. */
function proof(init: RequestInit | undefined, reads: Reads): string {
  const headers = new Headers(init?.headers);
  const body = new URLSearchParams(String(init?.body));
  if (reads === "body") {
    return `${body.get("client_id")}:${body.get("client_secret")}`;
  }
  const basic = /^Basic (.*)$/.exec(headers.get("authorization") ?? "")?.[1];
  if (basic === undefined || reads === "nothing") return "";
  const text = new TextDecoder().decode(
    Uint8Array.from(atob(basic), (c) => c.charCodeAt(0)),
  );
  const at = text.indexOf(":");
  const [id, secret] = [text.slice(0, at), text.slice(at + 1)];
  return reads === "raw" ? text : `${decode(id)}:${decode(secret)}`;
}

/** How a request authenticates, in words. */
function shape(init: RequestInit | undefined): string {
  const body = new URLSearchParams(String(init?.body));
  if (body.has("client_secret")) return "post";
  return new Headers(init?.headers).has("authorization") ? "basic" : "none";
}

const REJECTED = () =>
  Response.json({ error: "invalid_client" }, { status: 401 });
const GOOD = () =>
  Response.json({
    access_token: "A2",
    token_type: "Bearer",
    expires_in: 1800,
    refresh_token: "R2",
  });

/** A server that accepts one way to authenticate. */
function server(app: typeof PLAIN, reads: Reads) {
  const sent: string[] = [];
  const answer: typeof fetch = (_url, init) => {
    sent.push(shape(init));
    const right = proof(init, reads) ===
      `${app.consumerKey}:${app.consumerSecret}`;
    return Promise.resolve(right ? GOOD() : REJECTED());
  };
  return { sent, fetch: answer };
}

async function stage(
  fetcher: typeof fetch,
  app: RefreshOptions["app"],
  more: { readonly provider?: Provider; readonly now?: () => number } = {},
) {
  const { provider = own, now = () => NOW * 1000 } = more;
  const cache = new MemCache({ now });
  const tokens: Tokens = {
    accessToken: new AccessToken(),
    refreshToken: new RefreshToken({ token: "R1", expiresIn: 1e7 }, now),
    provider: "acme",
  };
  await tokensIn(cache, now).save(tokens, "login");
  return {
    cache: tokensIn(cache, now),
    run: (changes: Partial<RefreshOptions> = {}) =>
      refresh({
        cache: tokensIn(cache, now),
        provider: { id: "acme", get: () => Promise.resolve(provider) },
        app,
        isAcceptable: () => false,
        log: () => {},
        now,
        fetch: fetcher,
        ...changes,
      }),
  };
}

for (const reads of ["decoded", "raw"] as const) {
  Deno.test(`refresh() authenticates with a UUID and unreserved characters at once where Basic is read ${reads}`, async () => {
    const { sent, fetch } = server(PLAIN, reads);
    const test = await stage(fetch, PLAIN);
    await test.run();
    assert.deepEqual(sent, ["basic"]);
  });
}

for (
  const [reads, expected] of [
    ["decoded", ["basic"]],
    ["raw", ["basic", "basic"]],
    ["body", ["basic", "basic", "post"]],
  ] as const
) {
  Deno.test(`refresh() finds a server that reads the client ${reads} in ${expected.length} requests, and remembers it`, async () => {
    const { sent, fetch } = server(ODD, reads);
    const test = await stage(fetch, ODD);
    await test.run();
    assert.deepEqual(sent, expected);
    const again = expected.at(-1);
    await test.run();
    assert.deepEqual(sent, [...expected, again]);
    // A rejection after that is about the settings, and no other way is tried.
    await failsWith(
      "invalid_client",
      test.run({ fetch: (...given) => fetch(...given).then(REJECTED) }),
    );
    assert.equal(sent.length, expected.length + 2);
    await failsWith("invalid_client", test.run());
    assert.equal(sent.length, expected.length + 2);
  });
}

Deno.test("refresh() sends wrong secrets three times at most, then none until the settings change", async () => {
  let now = NOW;
  const { sent, fetch } = server(ODD, "body");
  const wrong = { ...ODD, consumerSecret: "w+rong" };
  const test = await stage(fetch, wrong, { now: () => now * 1000 });
  const all = await Promise.all(
    Array.from({ length: 20 }, () => failsWith("invalid_client", test.run())),
  );
  assert.equal(sent.length, 3);
  assert.ok(all.some(({ message }) => /nothing was sent/.test(message)));
  for (let day = 0; day < 30; day++) {
    now += 86_400;
    await failsWith("invalid_client", test.run());
  }
  assert.equal(sent.length, 3);
  const { refreshToken, refreshPending } = await test.cache.load();
  assert.deepEqual([refreshToken.token, refreshPending], ["R1", undefined]);
  assert.equal((await test.run({ app: ODD })).accessToken.token, "A2");
  assert.equal(sent.length, 6);
});

Deno.test("refresh() sends no secret in the body where the metadata announce Basic alone", async () => {
  const { sent, fetch } = server(ODD, "body");
  const provider = {
    ...own,
    announcedAuthentications: ["client_secret_basic"],
  };
  const test = await stage(fetch, ODD, { provider });
  await failsWith("invalid_client", test.run());
  assert.deepEqual(sent, ["basic", "basic"]);
  const plain = server(PLAIN, "body");
  const once = await stage(plain.fetch, PLAIN, { provider });
  await failsWith("invalid_client", once.run());
  assert.deepEqual(plain.sent, ["basic"]);
  // Without metadata nothing is announced, and nothing is ruled out.
  const { announcedAuthentications: _, ...bare } = own;
  const found = server(PLAIN, "body");
  await (await stage(found.fetch, PLAIN, { provider: bare })).run();
  assert.deepEqual(found.sent, ["basic", "post"]);
});

Deno.test("refresh() tries no other way where the provider says how, and asks again after ten minutes", async () => {
  let now = NOW;
  const { sent, fetch } = server(ODD, "nothing");
  const provider = { ...schwab(), id: "acme" };
  const test = await stage(fetch, ODD, { provider, now: () => now * 1000 });
  await failsWith("invalid_client", test.run());
  now += 599;
  await failsWith("invalid_client", test.run());
  assert.deepEqual(sent, ["basic"]);
  now += 1;
  await failsWith("invalid_client", test.run());
  assert.deepEqual(sent, ["basic", "basic"]);
});

Deno.test("refresh() tries another way after a JSON error alone", async () => {
  for (
    const answer of [
      () => new Response("", { status: 401 }),
      () => new Response("<html>invalid_client</html>", { status: 401 }),
      () => Response.json({ error: "invalid_grant" }, { status: 400 }),
    ]
  ) {
    let sent = 0;
    const test = await stage(() => {
      sent++;
      return Promise.resolve(answer());
    }, ODD);
    await assert.rejects(test.run(), TdauthError);
    assert.equal(sent, 1);
  }
});

Deno.test("refresh() goes on with the way that is left after an outage", async () => {
  const { sent, fetch } = server(ODD, "body");
  let down = true;
  const test = await stage((...given) => {
    if (sent.length > 0 && down) {
      sent.push("down");
      return Promise.resolve(
        new Response("", { status: 503, headers: { "retry-after": "99" } }),
      );
    }
    return fetch(...given);
  }, ODD);
  await failsWith("broker_unavailable", test.run());
  assert.deepEqual(sent, ["basic", "down"]);
  down = false;
  await test.run();
  assert.deepEqual(sent, ["basic", "down", "basic", "post"]);
});

function exchange(fetcher: typeof fetch, app: typeof PLAIN) {
  return exchangeCode(
    own,
    app,
    "http://127.0.0.1:1",
    { state: "S" },
    new URLSearchParams({ code: "C", state: "S" }),
    { fetch: fetcher },
  );
}

Deno.test("exchangeCode() finds how the client authenticates, and the first refresh knows it", async () => {
  const { sent, fetch } = server(ODD, "raw");
  const { client } = await exchange(fetch, ODD);
  assert.deepEqual(sent, ["basic", "basic"]);
  assert.equal(client?.works, "client_secret_raw_basic");
  assert.ok(!JSON.stringify(client).includes(ODD.consumerSecret));
});

Deno.test("exchangeCode() says what to set where the server uses the code up when it rejects the client", async () => {
  const answers = [
    REJECTED(),
    Response.json({ error: "invalid_grant" }, { status: 400 }),
  ];
  const error = await failsWith(
    "login_failed",
    exchange(() => Promise.resolve(answers.shift() ?? GOOD()), ODD),
  );
  assert.match(
    String(error.hint),
    /clientAuthentication to client_secret_raw_basic/,
  );
});

/** What a server may answer. */
const answer = fc.oneof(
  fc.constantFrom<readonly [number, string, Record<string, string>?]>(
    [401, `{"error":"invalid_client"}`],
    [400, `{"error":"unauthorized_client"}`],
    [400, `{"error":"invalid_grant"}`],
    [400, ""],
    [401, ""],
    [403, "<html>"],
    [503, ""],
    [503, "", { "retry-after": "0" }],
    [429, "", { "retry-after": "0" }],
    [200, ""],
    [200, "<html>"],
    [0, "cut"],
    [0, "refused"],
    [200, `{"access_token":"A","token_type":"Bearer"}`],
  ),
  fc.tuple(fc.integer({ min: 200, max: 599 }), fc.string()),
);

function respond(
  [status, body, headers]: readonly [number, string, Record<string, string>?],
): Promise<Response> {
  if (status === 0) {
    return Promise.reject(
      new TypeError("fetch failed", {
        cause: new Error(
          body === "cut"
            ? "error sending request: client error (SendRequest): connection closed before message completed"
            : "error sending request: client error (Connect): tcp connect error: Connection refused (os error 111)",
        ),
      }),
    );
  }
  const empty = [204, 205, 304].includes(status);
  return Promise.resolve(
    new Response(empty ? null : body, { status, headers: headers ?? {} }),
  );
}

Deno.test("refresh() sends a secret at most three times a call, whatever a server answers", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(answer, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      async (answers, rotates) => {
        let sent = 0;
        const provider = { ...own, rotatesRefreshToken: rotates };
        const test = await stage(
          () => respond(answers[sent++ % answers.length] ?? [503, ""]),
          ODD,
          { provider },
        );
        await test.run().catch((error) =>
          assert.ok(error instanceof TdauthError, String(error))
        );
        assert.ok(sent <= 3, `${sent} requests`);
      },
    ),
    {
      numRuns: 60,
      // An answer that was lost is asked for again, but not after two outages.
      examples: [[[[503, "", { "retry-after": "0" }], [0, "cut"]], true], [
        [[0, "cut"], [503, "", { "retry-after": "0" }]],
        false,
      ]],
    },
  );
});
