import assert from "node:assert/strict";
import {
  AccessToken,
  authorize,
  type AuthorizeOptions,
  DiskCache,
  type LoginEvent,
  MemCache,
  type Provider,
  RefreshToken,
  schwab,
  tdAmeritrade,
} from "../../mod.ts";
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from "../../src/sandbox/mod.ts";
import {
  failsWith,
  reservePort,
  temporaryDirectory,
  untilFree,
} from "../support.ts";
import { UnderWay } from "../under_way.ts";
import { tokensIn } from "../tokens_in.ts";

/** A practice broker, a clock that moves with it, and options that log in to it. */
interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly options: AuthorizeOptions & { readonly configDir: string };
  /** How often a grant was asked for. */
  count(grantType: string): number;
}

async function stage(options: SandboxOptions = {}): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const directory = stack.use(temporaryDirectory());
  const { port } = stack.use(reservePort());
  const broker = options.broker ?? "tdameritrade";
  // A clock that stands still unless it is moved; today, for certificates are checked by the real one.
  const start = Math.floor(Date.now() / 1000) * 1000;
  const sandbox = stack.use(
    await startSandbox({
      now: () => start,
      broker,
      callbackUrl: broker === "schwab"
        ? `https://127.0.0.1:${port}`
        : `http://localhost:${port}`,
      ...options,
    }),
  );
  return {
    sandbox,
    options: {
      ...sandbox.app,
      provider: broker,
      sandbox: sandbox.url,
      configDir: directory.path,
      openUrl: (url) => sandbox.approve(url),
      now: () => sandbox.now(),
      log: () => {},
    },
    count: (grantType) =>
      sandbox.requests.filter((request) => request.grantType === grantType)
        .length,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const noBrowser = {
  openUrl: () => {
    throw new Error("a browser was opened");
  },
};
const QUOTES = "/v1/marketdata/quotes?symbol=AAPL";

for (const broker of ["tdameritrade", "schwab"] as const) {
  Deno.test(`authorize() logs in to ${broker} once and then finds the tokens on disk`, async () => {
    await using test = await stage({ broker });
    const first = await authorize(test.options);
    assert.equal(first.accessToken.valid, true);
    assert.equal(
      first.refreshToken.remaining,
      broker === "schwab" ? 604_800 : 7_776_000,
    );
    const second = await authorize({ ...test.options, ...noBrowser });
    assert.equal(second.accessToken.token, first.accessToken.token);
    assert.equal(test.count("authorization_code"), 1);
  });

  Deno.test(`authorize() refreshes an expired access token of ${broker} and keeps the refresh token's end`, async () => {
    await using test = await stage({ broker });
    const first = await authorize(test.options);
    test.sandbox.advance(1800);
    const second = await authorize({ ...test.options, ...noBrowser });
    assert.notEqual(second.accessToken.token, first.accessToken.token);
    assert.equal(second.accessToken.valid, true);
    assert.equal(second.refreshToken.expiry, first.refreshToken.expiry);
    assert.equal(second.loginTime, first.loginTime);
    assert.equal(test.count("refresh_token"), 1);
  });
}

Deno.test("authorize() logs in again when the refresh token has expired", async () => {
  await using test = await stage({ broker: "schwab" });
  await authorize(test.options);
  for (let day = 0; day < 7; day++) {
    test.sandbox.advance(86_400 - 1);
    await authorize({ ...test.options, ...noBrowser }); // refreshing every day does not prolong it
  }
  test.sandbox.advance(1800);
  await failsWith(
    "login_needed",
    authorize({ ...test.options, interactive: false }),
  );
  assert.equal((await authorize(test.options)).accessToken.valid, true);
  assert.equal(test.count("authorization_code"), 2);
});

Deno.test("authorize() logs in again when the broker rejects the refresh token", async () => {
  await using test = await stage();
  await authorize(test.options);
  test.sandbox.revokeAll();
  test.sandbox.advance(1800);
  await failsWith(
    "login_needed",
    authorize({ ...test.options, interactive: false }),
  );
  assert.equal((await authorize(test.options)).accessToken.valid, true);
});

Deno.test("authorize() with interactive: false fails with login_needed and opens nothing", async () => {
  await using test = await stage();
  const error = await failsWith(
    "login_needed",
    authorize({ ...test.options, ...noBrowser, interactive: false }),
  );
  assert.match(error.hint?.format(["tdauth"]) ?? "", /tdauth login/);
});

Deno.test("authorize() refreshes minValid seconds before expiry, 60 by default", async () => {
  await using test = await stage();
  await authorize(test.options);
  test.sandbox.advance(1800 - 61);
  await authorize({ ...test.options, ...noBrowser });
  assert.equal(test.count("refresh_token"), 0);
  await authorize({ ...test.options, ...noBrowser, minValid: 120 });
  assert.equal(test.count("refresh_token"), 1);
  test.sandbox.advance(1800 - 59);
  await authorize({ ...test.options, ...noBrowser });
  assert.equal(test.count("refresh_token"), 2);
});

Deno.test("authorize() called 100 times concurrently in one process causes one refresh, at a broker that rotates and kills", async () => {
  await using test = await stage({ broker: "schwab", rotation: "kill" });
  const first = await authorize(test.options);
  test.sandbox.advance(1800);
  const calls = new UnderWay();
  const all = await calls.all(
    100,
    () => authorize({ ...test.options, ...noBrowser, fetch: calls.fetch }),
  );
  assert.deepEqual(calls.atAnswers, [100]);
  assert.equal(test.count("refresh_token"), 1);
  assert.equal(new Set(all.map((td) => td.accessToken.token)).size, 1);
  assert.equal(all.every((td) => td.accessToken.valid), true);
  const fresh = String(all[0]?.refreshToken);
  assert.notEqual(fresh, String(first.refreshToken), "it rotated");
  const { consumerKey, consumerSecret } = test.sandbox.app;
  const present = async (token: string) => {
    const response = await fetch(test.sandbox.tokenEndpoint, {
      method: "POST",
      headers: {
        authorization: `Basic ${btoa(`${consumerKey}:${consumerSecret}`)}`,
      },
      body: new URLSearchParams({
        grant_type: "refresh_token",
        refresh_token: token,
      }),
    });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await present(String(first.refreshToken)), 400);
  assert.equal(await present(fresh), 400, "the reused one killed the login");
});

Deno.test("authorize() called many times concurrently without tokens causes one login", async () => {
  await using test = await stage();
  const calls = new UnderWay();
  const all = await calls.all(
    10,
    () => authorize({ ...test.options, fetch: calls.fetch }),
  );
  assert.deepEqual(calls.atAnswers, [10]);
  assert.equal(test.count("authorization_code"), 1);
  assert.equal(new Set(all.map((td) => td.accessToken.token)).size, 1);
});

Deno.test("authorize() keeps tokens in memory when storeTokens is false, for all calls of the program", async () => {
  await using test = await stage();
  const options = { ...test.options, storeTokens: false };
  const first = await authorize(options);
  const second = await authorize({ ...options, ...noBrowser });
  assert.equal(second.accessToken.token, first.accessToken.token);
  assert.deepEqual([...Deno.readDirSync(test.options.configDir)], []);
});

Deno.test("authorize() uses a cache of the caller's own", async () => {
  await using test = await stage();
  const cache = new MemCache();
  const td = await authorize({ ...test.options, cache });
  assert.equal(cache.accessToken.token, td.accessToken.token);
  assert.deepEqual([...Deno.readDirSync(test.options.configDir)], []);
});

Deno.test("authorize() uses the tokens of a pyTD user", async () => {
  await using test = await stage();
  const td = await authorize(test.options);
  // What pyTD would have left: its two entries and nothing else.
  const name = test.options.consumerKey ?? "";
  const { access_token, refresh_token } = JSON.parse(
    Deno.readTextFileSync(`${test.options.configDir}/${name}`),
  );
  Deno.writeTextFileSync(
    `${test.options.configDir}/${name}`,
    JSON.stringify({ refresh_token, access_token }),
  );
  test.sandbox.advance(1800);
  const again = await authorize({ ...test.options, ...noBrowser });
  assert.equal(again.refreshToken.token, td.refreshToken.token);
  assert.equal(again.accessToken.valid, true);
});

Deno.test("authorize() does not use tokens of another provider for the same key", async () => {
  await using test = await stage();
  await authorize(test.options);
  const error = await failsWith(
    "login_needed",
    authorize({
      ...test.options,
      consumerSecret: "S",
      provider: "schwab",
      interactive: false,
    }),
  );
  assert.match(error.message, /another provider/);
});

Deno.test("authorize() uses a still valid access token while the broker is in trouble", async () => {
  await using test = await stage();
  const first = await authorize(test.options);
  test.sandbox.advance(1750); // inside the last minute
  test.sandbox.failNext({ endpoint: "token", status: 503, times: 9 });
  const second = await authorize({ ...test.options, ...noBrowser });
  assert.equal(second.accessToken.token, first.accessToken.token);
});

Deno.test("authorize() keeps the tokens and opens no browser while the broker is in trouble", async () => {
  await using test = await stage();
  const first = await authorize(test.options);
  test.sandbox.advance(1800);
  test.sandbox.failNext({
    endpoint: "token",
    status: 502,
    body: "<html>",
    contentType: "text/html",
    times: 9,
  });
  await failsWith(
    "broker_unavailable",
    authorize({ ...test.options, ...noBrowser }),
  );
  const cache = new DiskCache(
    test.options.configDir,
    test.options.consumerKey ?? "",
  );
  assert.equal(cache.refreshToken.token, first.refreshToken.token);
});

Deno.test("authorize() asks TD Ameritrade for a new refresh token only near the old one's end", async () => {
  await using test = await stage();
  const first = await authorize(test.options);
  test.sandbox.advance(80 * 86_400);
  assert.equal(
    (await authorize({ ...test.options, ...noBrowser })).refreshToken.token,
    first.refreshToken.token,
  );
  test.sandbox.advance(5 * 86_400); // five days left
  const renewed = await authorize({ ...test.options, ...noBrowser });
  assert.notEqual(renewed.refreshToken.token, first.refreshToken.token);
  assert.equal(renewed.refreshToken.remaining, 7_776_000);
});

Deno.test("authorize() asks for a new refresh token at every refresh where the provider does not say within what time, and so does a provider that was JSON", async () => {
  await using test = await stage({ rotation: "kill" });
  const { within: _, ...renewal } = tdAmeritrade().renewal ?? assert.fail();
  const provider: Provider = JSON.parse(
    JSON.stringify({ ...tdAmeritrade({ origin: test.sandbox.url }), renewal }),
  );
  const options = { ...test.options, provider };
  const seen = new Set([(await authorize(options)).refreshToken.token]);
  for (let refreshes = 1; refreshes <= 3; refreshes++) {
    test.sandbox.advance(1800);
    seen.add(
      (await authorize({ ...options, ...noBrowser })).refreshToken.token,
    );
    assert.equal(seen.size, 1 + refreshes);
  }
});

Deno.test("authorize() writes a rotated refresh token to the disk before it returns the new access token", async () => {
  await using test = await stage({ broker: "schwab", rotation: "rotate" });
  const first = await authorize(test.options);
  test.sandbox.advance(1800);
  const second = await authorize({ ...test.options, ...noBrowser });
  assert.notEqual(second.refreshToken.token, first.refreshToken.token);
  const onDisk =
    new DiskCache(test.options.configDir, test.options.consumerKey ?? "")
      .refreshToken;
  assert.equal(onDisk.token, second.refreshToken.token);
  assert.equal(onDisk.expiry, first.refreshToken.expiry); // seven days from the login
});

Deno.test("authorize() fails with login_denied when the user says no, and with the right code for bad settings", async () => {
  await using test = await stage();
  const { options, sandbox } = test;
  await failsWith(
    "login_denied",
    authorize({
      ...options,
      openUrl: (url) => sandbox.approve(url, { decision: "deny" }),
    }),
  );
  await failsWith(
    "invalid_options",
    authorize({ ...options, callbackUrl: "nonsense" }),
  );
  await failsWith(
    "invalid_options",
    authorize({ ...options, callbackUrl: "http://localhost:1/#x" }),
  );
  await failsWith(
    "invalid_options",
    authorize({ ...options, provider: "nobody" }),
  );
  await failsWith(
    "invalid_options",
    authorize({ ...options, profile: "../x" }),
  );
  await failsWith(
    "invalid_options",
    authorize({ ...options, sandbox: "https://evil.example" }),
  );
});

Deno.test("authorize() needs a consumer key and a callback URL, and says which variable sets them", async () => {
  await using directory = temporaryDirectory();
  const base = {
    configDir: directory.path,
    provider: schwab(),
    consumerSecret: "S",
    interactive: true, // where no user could see a login, none would begin
  };
  assert.match(
    (await failsWith("invalid_options", authorize(base))).hint?.format([
      "tdauth",
    ]) ?? "",
    /TD_CONSUMER_KEY/,
  );
  const error = await failsWith(
    "invalid_options",
    authorize({ ...base, consumerKey: "K" }),
  );
  assert.match(error.hint?.format(["tdauth"]) ?? "", /TD_CALLBACK_URL/);
});

Deno.test("authorize() says that TD Ameritrade's API is closed and names Charles Schwab", async () => {
  await using directory = temporaryDirectory();
  const error = await failsWith(
    "invalid_options",
    authorize({
      configDir: directory.path,
      consumerKey: "K",
      callbackUrl: "http://localhost:8080",
      ...noBrowser,
    }),
  );
  assert.match(`${error.message} ${error.hint}`, /May 2024.*Schwab/s);
});

Deno.test("authorize() ends a login on timeout and on a signal, and frees the port", async () => {
  await using test = await stage();
  const port = Number(new URL(test.options.callbackUrl ?? "").port);
  const never = { ...test.options, openUrl: () => {} };
  await failsWith("login_timeout", authorize({ ...never, loginTimeout: 0.05 }));
  await untilFree(port);
  const end = new AbortController();
  const cancelled = authorize({
    ...never,
    signal: end.signal,
    onEvent: (event) => event.type === "opened" && end.abort(),
  });
  await failsWith("login_cancelled", cancelled);
  await untilFree(port);
  await assert.rejects(
    authorize({ ...never, signal: AbortSignal.abort() }),
    { name: "AbortError" },
  );
});

Deno.test("authorize() reports a login's progress in order", async () => {
  await using test = await stage();
  const events: LoginEvent["type"][] = [];
  await authorize({
    ...test.options,
    onEvent: (event) => events.push(event.type),
  });
  assert.deepEqual(events.filter((type) => type !== "opened"), [
    "ready",
    "exchanging",
    "done",
  ]);
});

Deno.test("authorize() reports to a user interface that a login failed, with the error that it throws", async () => {
  await using test = await stage();
  const failures: unknown[] = [];
  const seen: LoginEvent["type"][] = [];
  const onEvent = (event: LoginEvent) => {
    seen.push(event.type);
    if (event.type === "failed") failures.push(event.error);
  };
  const never = { ...test.options, openUrl: () => {}, onEvent };
  const late = await failsWith(
    "login_timeout",
    authorize({ ...never, loginTimeout: 0.05 }),
  );
  const end = new AbortController();
  const cancelled = await failsWith(
    "login_cancelled",
    authorize({
      ...never,
      signal: end.signal,
      onEvent: (event) => {
        onEvent(event);
        if (event.type === "ready") end.abort();
      },
    }),
  );
  const wrong = await failsWith(
    "invalid_options",
    authorize({ ...never, callbackUrl: "nowhere" }),
  );
  assert.deepEqual(failures, [late, cancelled, wrong]);
  assert.ok(!seen.includes("done"));
});

Deno.test("authorize() accepts a pasted URL where the callback URL is not on this machine", async () => {
  await using test = await stage({
    broker: "schwab",
    callbackUrl: "https://app.example/callback",
  });
  const { approveAndCopy } = await import("../../src/sandbox/mod.ts");
  const copied = Promise.withResolvers<string>();
  const pastedUrls = (async function* () {
    yield "https://app.example/callback?code=C&state=wrong";
    yield `  "${await copied.promise}" `;
  })();
  const rejected: string[] = [];
  const td = await authorize({
    ...test.options,
    pastedUrls,
    openUrl: async (url) => copied.resolve(await approveAndCopy(url)),
    onEvent: (event) => event.type === "rejected" && rejected.push(event.from),
  });
  assert.equal(td.accessToken.valid, true);
  assert.deepEqual(rejected, ["paste"]);
});

Deno.test("authorize() says why it cannot listen where nothing can be pasted", async () => {
  await using test = await stage({
    broker: "schwab",
    callbackUrl: "https://app.example/callback",
  });
  const error = await failsWith("invalid_options", authorize(test.options));
  assert.match(error.message, /not on this machine/);
});

Deno.test("Authorization.fetch() adds the token, refreshes before expiry and once on a 401", async () => {
  await using test = await stage();
  const td = await authorize(test.options);
  const get = async () => {
    const response = await td.fetch(QUOTES);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await get(), 200);
  test.sandbox.advance(1800);
  assert.equal(await get(), 200); // before expiry, by the clock
  assert.equal(test.count("refresh_token"), 1);
  const skewed = await authorize({
    ...test.options,
    now: () => test.sandbox.now(),
  });
  test.sandbox.revokeAll();
  const denied = await skewed.fetch(QUOTES);
  assert.equal(denied.status, 401); // the refresh token is dead too: the API's own answer is given
  await denied.body?.cancel();
});

Deno.test("Authorization.fetch() says of a 401 that no new token can be had for now", async () => {
  await using test = await stage();
  let away = false;
  const td = await authorize({
    ...test.options,
    fetch: (input, init) =>
      away && (input instanceof Request ? input.url : `${input}`) !== api
        ? Promise.reject(new TypeError("no way there"))
        : fetch(input, init),
  });
  const api = new URL(QUOTES, test.sandbox.url).href;
  away = true;
  test.sandbox.revokeAll();
  await failsWith("broker_unavailable", td.fetch(QUOTES));
});

/** An API that holds its answers to requests with one token, each a 401, until it is told to give the next. */
function refusing(token: string) {
  const held: (() => void)[] = [];
  const bearer = `Bearer ${token}`;
  const fetcher: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    if (request.headers.get("authorization") !== bearer) {
      return await fetch(request);
    }
    await new Promise<void>((resolve) => held.push(resolve));
    return new Response(null, { status: 401 });
  };
  return { fetch: fetcher, held };
}

for (
  const [where, fresh] of [
    ["of one authorization", false],
    [
      "of authorizations over one cache, as those of a web application are",
      true,
    ],
  ] as const
) {
  Deno.test(`Authorization.fetch() refreshes once for six 401s that come one after another (line 65), to requests ${where}`, async () => {
    await using test = await stage({ rotation: "kill" });
    const { options } = test;
    const first = await authorize(options);
    const old = String(first.accessToken);
    const api = refusing(old);
    const one = await authorize({ ...options, fetch: api.fetch });
    const answers: Promise<number>[] = [];
    for (let request = 0; request < 6; request++) {
      const td = fresh
        ? await authorize({ ...options, ...noBrowser, fetch: api.fetch })
        : one;
      answers.push(
        td.fetch(QUOTES).then(async (response) => {
          await response.body?.cancel();
          return response.status;
        }),
      );
    }
    while (api.held.length < 6) await new Promise((go) => setTimeout(go));
    assert.equal(
      test.count("refresh_token"),
      0,
      "six were sent with one token",
    );
    for (const [at, answer] of answers.entries()) {
      api.held[at]?.();
      assert.equal(await answer, 200); // before the next 401 comes
    }
    assert.equal(api.held.length, 6, "no request was sent with it again");
    assert.equal(test.count("refresh_token"), 1);
    const { refreshToken } = new DiskCache(
      options.configDir,
      options.consumerKey ?? "",
      { now: options.now ?? Date.now },
    );
    assert.equal(refreshToken.valid, true);
  });
}

Deno.test("Authorization.refresh() of a rejected token refreshes once for all who name it, one after another", async () => {
  await using test = await stage({ rotation: "kill" });
  const first = await authorize(test.options);
  const old = String(first.accessToken);
  const fresh = String(await first.refresh(old));
  assert.notEqual(fresh, old);
  const other = await authorize({ ...test.options, ...noBrowser });
  for (const td of [first, other]) {
    assert.equal(String(await td.refresh(old)), fresh);
    assert.equal(String(td.accessToken), fresh);
  }
  assert.equal(test.count("refresh_token"), 1);
  assert.notEqual(String(await other.refresh()), fresh);
  assert.equal(test.count("refresh_token"), 2);
});

Deno.test("Authorization.fetch() refreshes again for a 401 to the new token, and once more is no loop", async () => {
  await using test = await stage();
  const td = await authorize({
    ...test.options,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return request.url.includes("quotes")
        ? new Response(null, { status: 401 })
        : await fetch(request);
    },
  });
  for (const refreshes of [1, 2]) {
    assert.equal((await td.fetch(QUOTES)).status, 401);
    assert.equal(test.count("refresh_token"), refreshes);
  }
});

Deno.test("Authorization.fetch() refreshes once on a 401 and sends the body again", async () => {
  const bodies: string[] = [];
  await using server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, async (request) => {
    bodies.push(
      `${request.headers.get("authorization")} ${await request.text()}`,
    );
    return new Response(null, { status: bodies.length === 1 ? 401 : 204 });
  });
  await using test = await stage();
  const origin = `http://127.0.0.1:${server.addr.port}`;
  const td = await authorize({
    ...test.options,
    provider: {
      ...(await import("../../mod.ts")).tdAmeritrade({
        origin: test.sandbox.url,
      }),
      apiOrigin: origin,
    },
  });
  const old = td.accessToken.token;
  const response = await td.fetch("/orders", { method: "POST", body: "buy" });
  assert.equal(response.status, 204);
  assert.deepEqual(bodies, [
    `Bearer ${old} buy`,
    `Bearer ${td.accessToken.token} buy`,
  ]);
  assert.notEqual(td.accessToken.token, old);
});

Deno.test("Authorization.fetch() never sends the token to another origin, nor after a redirect", async () => {
  const seen: string[] = [];
  await using evil = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, (request) => {
    seen.push(request.headers.get("authorization") ?? "none");
    return new Response();
  });
  await using api = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () =>
      new Response(null, {
        status: 302,
        headers: { location: `http://127.0.0.1:${evil.addr.port}/` },
      }),
  );
  await using test = await stage();
  const apiOrigin = `http://127.0.0.1:${api.addr.port}`;
  const { tdAmeritrade } = await import("../../mod.ts");
  const td = await authorize({
    ...test.options,
    provider: { ...tdAmeritrade({ origin: test.sandbox.url }), apiOrigin },
  });
  for (
    const target of [
      `http://127.0.0.1:${evil.addr.port}/`,
      `http://localhost:${api.addr.port}/`,
      "https://api.tdameritrade.com/v1/accounts",
      `//127.0.0.1:${evil.addr.port}/x`,
      new Request(`http://127.0.0.1:${evil.addr.port}/`),
      "http://user@127.0.0.1:1/",
      "http://user:hush@[bad",
      "data:,x",
      "http://",
    ]
  ) {
    const { message } = await failsWith("forbidden_origin", td.fetch(target));
    assert.doesNotMatch(message, /hush/);
  }
  const response = await td.fetch("/moved");
  assert.equal(response.status, 302);
  await response.body?.cancel();
  assert.deepEqual(seen, []);
  const { apiOrigin: _, ...without } = tdAmeritrade({
    origin: test.sandbox.url,
  });
  const nowhere = await authorize({ ...test.options, provider: without });
  await failsWith("forbidden_origin", nowhere.fetch("/v1/accounts"));
});

Deno.test("Authorization.fetch() refuses a URL with a user name or a password, wherever it is resolved, and sends nothing (line 60)", async () => {
  await using test = await stage();
  const sent: string[] = [];
  const td = await authorize({
    ...test.options,
    fetch: (input, init) => {
      sent.push(new Request(input, init).url);
      return fetch(input, init);
    },
  });
  const { host } = new URL(test.sandbox.url);
  sent.length = 0;
  for (const who of ["user:hush", "user", ":hush", "%75ser"]) {
    for (
      const target of [
        `http://${who}@${host}/v1/accounts`,
        new URL(`http://${who}@${host}/v1/accounts`),
        `//${who}@${host}/v1/accounts`,
        ` http:\\\\${who}@${host}/v1/accounts`,
      ]
    ) {
      const error = await failsWith("invalid_options", td.fetch(target));
      assert.doesNotMatch(`${error.message} ${error.hint}`, /hush/);
    }
  }
  assert.deepEqual(sent, []);
  const accounts = await td.fetch(`http://${host}/v1/accounts?to=user@host`);
  assert.equal(accounts.status, 200);
  await accounts.body?.cancel();
});

Deno.test("Authorization.token() uses what another program refreshed", async () => {
  await using test = await stage();
  const mine = await authorize(test.options);
  const theirs = await authorize(test.options);
  test.sandbox.advance(1800);
  const token = await theirs.token();
  assert.equal(await mine.token(), token);
  assert.equal(test.count("refresh_token"), 1);
});

Deno.test("Authorization.refresh() gets a new access token now, once for all concurrent callers", async () => {
  await using test = await stage();
  const calls = new UnderWay();
  const td = await authorize({ ...test.options, fetch: calls.fetch });
  const old = td.accessToken.token;
  const all = await calls.all(50, () => td.refresh());
  assert.deepEqual(calls.atAnswers, [0, 50]); // the login, and one for all
  assert.equal(test.count("refresh_token"), 1);
  assert.ok(all.every((token) => token.valid && token.token !== old));
  await td.refresh();
  assert.equal(test.count("refresh_token"), 2);
});

Deno.test("Authorization.refresh() takes no token of another process that is about to end", async () => {
  await using test = await stage();
  const td = await authorize(test.options);
  const { configDir, consumerKey = "", now } = test.options;
  const cache = new DiskCache(configDir, consumerKey, { ...(now && { now }) });
  cache.accessToken = new AccessToken({
    token: "NEARLY",
    accessTime: Math.floor((now ?? Date.now)() / 1000) - 1797,
    expiresIn: 1800,
  }, now);
  assert.equal(cache.accessToken.remaining, 3);
  const fresh = await td.refresh();
  assert.notEqual(fresh.token, "NEARLY");
  assert.equal(fresh.remaining, 1800);
  assert.equal(test.count("refresh_token"), 1);
});

Deno.test("Authorization.refresh() fails with login_needed when there is nothing to refresh with", async () => {
  await using test = await stage();
  const cache = new MemCache();
  cache.accessToken = new AccessToken(
    { token: "A", expiresIn: 1800 },
    () => test.sandbox.now(),
  );
  const td = await authorize({ ...test.options, ...noBrowser, cache });
  await failsWith("login_needed", td.refresh());
  cache.refreshToken = new RefreshToken({ token: "dead", expiresIn: 1800 });
  await failsWith("login_needed", td.refresh());
});

Deno.test("Authorization.logout() empties the cache", async () => {
  await using test = await stage();
  const td = await authorize(test.options);
  await td.logout();
  assert.equal(td.accessToken.token, undefined);
  await failsWith(
    "login_needed",
    authorize({ ...test.options, interactive: false }),
  );
});

Deno.test("Authorization.logout() empties the cache even when revocation fails", async () => {
  await using test = await stage();
  const { tdAmeritrade } = await import("../../mod.ts");
  const provider = {
    ...tdAmeritrade({ origin: test.sandbox.url }),
    revocationEndpoint: "http://127.0.0.1:1/revoke",
  };
  const cache = new MemCache();
  const td = await authorize({ ...test.options, provider, cache });
  await failsWith("broker_unavailable", td.logout());
  assert.equal(cache.refreshToken.token, undefined);
});

Deno.test("Authorization shows no token when it is inspected or serialized", async () => {
  await using test = await stage();
  const td = await authorize(test.options);
  const shown = `${Deno.inspect(td, { depth: 9, showHidden: true })} ${
    JSON.stringify(td)
  }`;
  assert.ok(
    !shown.includes(String(td.accessToken)) &&
      !shown.includes(String(td.refreshToken)),
    shown,
  );
  assert.match(shown, /expiry/);
});

Deno.test("Authorization.refresh() and logout() never send tokens to another provider than theirs", async () => {
  await using test = await stage();
  const cache = new MemCache();
  const td = await authorize({ ...test.options, cache });
  // The same key, but the tokens of the broker's own servers.
  await tokensIn(cache).save({
    ...await tokensIn(cache).load(),
    provider: "tdameritrade",
  }, "refresh");
  const error = await failsWith("login_needed", td.refresh());
  assert.match(error.message, /another provider/);
  await td.logout();
  assert.equal(cache.refreshToken.token, undefined);
  assert.equal(test.count("refresh_token"), 0);
});

Deno.test("authorize() accepts a URL that was pasted in several lines, and one without its beginning after a wrong one", async () => {
  await using test = await stage({
    broker: "schwab",
    callbackUrl: "https://app.example/callback",
  });
  const { approveAndCopy } = await import("../../src/sandbox/mod.ts");
  for (const broken of [true, false]) {
    const copied = Promise.withResolvers<string>();
    const pastedUrls = (async function* () {
      yield "https://app.example/callback?code=C&state=wrong";
      const url = await copied.promise;
      if (broken) {
        yield url.slice(0, 60);
        yield url.slice(60);
      } else yield url.slice(url.indexOf("?"));
    })();
    const td = await authorize({
      ...test.options,
      cache: new MemCache(),
      pastedUrls,
      openUrl: async (url) => copied.resolve(await approveAndCopy(url)),
    });
    assert.equal(td.accessToken.valid, true);
  }
});

for (const name of ["minValid", "loginTimeout"] as const) {
  for (const value of [NaN, -1, Infinity]) {
    Deno.test(`authorize() rejects ${name} ${value}`, async () => {
      const { message } = await failsWith(
        "invalid_options",
        authorize({
          consumerKey: "KEY",
          callbackUrl: "http://127.0.0.1:8080",
          cache: new MemCache(),
          interactive: false,
          [name]: value,
        }),
      );
      assert.equal(message, `Cannot authorize: ${name} is ${value}`);
    });
  }
}
