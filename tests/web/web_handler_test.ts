import assert from "node:assert/strict";
import { createWebHandler, MemCache, type TokenCache } from "../../mod.ts";
import { failsWith } from "../support.ts";
import { sharedCaches } from "./shared_caches.ts";
import { UnderWay } from "../under_way.ts";
import { KEY, ORIGIN, startSite, Visitor } from "./visitor.ts";
import { tokensIn } from "../tokens_in.ts";

const refreshes = (site: { sandbox: { requests: readonly unknown[] } }) =>
  site.sandbox.requests.filter((request) =>
    JSON.stringify(request).includes("refresh_token")
  ).length;

Deno.test("createWebHandler() logs a user in and returns the user's authorization", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  assert.equal(await visitor.token(), undefined);
  const page = await visitor.begin("/accounts?sort=name#top");
  assert.equal(new URL(page).origin, site.sandbox.url);
  assert.equal(visitor.cookies.size, 1);

  const back = await visitor.get(await site.sandbox.approveAndCopy(page));
  assert.equal(back.status, 303);
  assert.equal(back.headers.get("location"), "/accounts?sort=name#top");
  assert.deepEqual([...visitor.cookies.keys()], ["tdauth-session"]);

  const td = await site.web.authorizationFor(visitor.request("/"));
  assert.equal(td?.accessToken.valid, true);
  const accounts = await td?.fetch("/v1/accounts");
  assert.equal(accounts?.status, 200);
  await accounts?.body?.cancel();
});

Deno.test("createWebHandler() serves an https application with __Host- cookies", async () => {
  const origin = "https://app.example";
  await using site = await startSite({}, {
    broker: "schwab",
    callbackUrl: `${origin}/callback`,
  });
  const visitor = new Visitor(site.web, origin);
  await visitor.logIn(site.sandbox);
  assert.deepEqual([...visitor.cookies.keys()], ["__Host-tdauth-session"]);
  assert.notEqual(await visitor.token(), undefined);
});

Deno.test("createWebHandler() keeps two logins of one browser apart", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const first = await visitor.begin("/first");
  const second = await visitor.begin("/second");
  assert.equal(visitor.cookies.size, 2);
  const later = await site.sandbox.approveAndCopy(second);
  const earlier = await site.sandbox.approveAndCopy(first);
  for (const [url, path] of [[later, "/second"], [earlier, "/first"]]) {
    const back = await visitor.get(url ?? "");
    assert.deepEqual([back.status, back.headers.get("location")], [303, path]);
    assert.notEqual(await visitor.token(), undefined);
  }
  assert.equal(visitor.cookies.size, 1);
});

Deno.test("createWebHandler() holds the cookies of 8 logins at most and ends the oldest", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const pages: string[] = [];
  for (let count = 0; count < 10; count++) {
    pages.push(await visitor.begin());
    site.sandbox.advance(1);
  }
  assert.equal(visitor.cookies.size, 8);
  for (const [index, status] of [[0, 400], [1, 400], [2, 303], [9, 303]]) {
    const url = await site.sandbox.approveAndCopy(pages[index ?? 0] ?? "");
    assert.equal((await visitor.get(url)).status, status, `login ${index}`);
  }
});

Deno.test("createWebHandler() answers another Host with 421 (line 4)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  for (const host of ["evil.example", "localhost:8001", "localhost"]) {
    const answer = await visitor.get("/login", { headers: { host } });
    assert.equal(answer.status, 421, host);
  }
  assert.equal(visitor.cookies.size, 0);
  const behindProxy = await site.another({ hosts: ["internal:9000"] });
  const answer = await behindProxy(new Request("http://internal:9000/login"));
  assert.equal(answer.status, 303);
});

Deno.test("createWebHandler() accepts GET for login and callback, POST for logout, and no other path (line 5)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  for (const method of ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
    for (const path of ["/login", copy]) {
      const answer = await visitor.get(path, { method });
      assert.equal(answer.status, 405, `${method} ${path}`);
      assert.equal(answer.headers.get("allow"), "GET");
    }
  }
  assert.equal((await visitor.get("/logout")).status, 405);
  assert.equal((await visitor.get("/callback/")).status, 404);
  assert.equal((await visitor.get("/")).status, 404);
  assert.equal((await visitor.get(copy)).status, 303, "the login went on");
});

Deno.test("createWebHandler() answers a wrong state, a missing one or a repeated parameter with 400, and the login continues (lines 6 to 8)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  const { search, searchParams } = new URL(copy);
  const state = searchParams.get("state") ?? "";
  const wrong = state.slice(0, -1) + (state.endsWith("A") ? "B" : "A");
  for (
    const query of [
      "",
      "?code=x",
      "?code=x&state=",
      `?code=x&state=${wrong}`,
      `?code=x&state=${state.slice(0, 20)}`,
      `?code=x&state=${state}A`,
      "?error=access_denied",
      `?error=access_denied&state=${wrong}`,
      `?state=${state}`,
      `${search}&code=x`,
      `${search}&state=${state}`,
      `${search}&error=access_denied`,
      `${search}&iss=a&iss=b`,
    ]
  ) {
    const answer = await visitor.get(`/callback${query}`);
    assert.equal(answer.status, 400, query);
    assert.doesNotMatch(await answer.text(), /code=|state=/);
  }
  assert.equal((await visitor.get(copy)).status, 303);
});

Deno.test("createWebHandler() rejects another browser's redirect (line 50)", async () => {
  await using site = await startSite();
  const attacker = new Visitor(site.web);
  const victim = new Visitor(site.web);
  const copy = await site.sandbox.approveAndCopy(await attacker.begin());
  assert.equal((await victim.get(copy)).status, 400);
  await victim.begin();
  assert.equal((await victim.get(copy)).status, 400);
  assert.equal(await victim.token(), undefined);
});

Deno.test("createWebHandler() exchanges a code once, however often and wherever it comes back (line 9)", async () => {
  const caches = new Map<string, TokenCache>();
  const cacheFor = (session: string) => {
    const cache = caches.get(session) ?? new MemCache();
    caches.set(session, cache);
    return cache;
  };
  await using site = await startSite({ cacheFor });
  const other = await site.another();
  const visitor = new Visitor(site.web);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  const twins = [site.web, other, site.web, other].map((web) =>
    web(visitor.request(copy))
  );
  for (const answer of await Promise.all(twins)) {
    assert.equal(answer.status, 303);
  }
  const exchanges = site.sandbox.requests.filter((request) =>
    JSON.stringify(request).includes("authorization_code")
  );
  assert.equal(exchanges.length, 1);
  assert.equal(caches.size, 1);
});

Deno.test("createWebHandler() sends a code whose exchange failed no second time (line 9)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  const again = visitor.request(copy);
  site.sandbox.failNext({ status: 503 });
  assert.equal((await visitor.get(copy)).status, 503);
  const requests = site.sandbox.requests.length;
  assert.equal((await site.web(again)).status, 502);
  assert.equal(site.sandbox.requests.length, requests);
  assert.equal(visitor.cookies.size, 0);
});

Deno.test("createWebHandler() makes a new state and a new session for each login (lines 10 and 50)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const states = new Set<string>();
  for (let count = 0; count < 20; count++) {
    const page = new URL(await visitor.begin());
    const state = page.searchParams.get("state") ?? "";
    assert.match(state, /^[A-Za-z0-9_-]{43}$/); // 256 bits
    states.add(state);
  }
  assert.equal(states.size, 20);

  await visitor.logIn(site.sandbox);
  const before = visitor.cookies.get("tdauth-session") ?? "";
  const first = await visitor.token();
  await visitor.logIn(site.sandbox);
  assert.notEqual(visitor.cookies.get("tdauth-session"), before);
  assert.notEqual(await visitor.token(), first);
  visitor.cookies.set("tdauth-session", before);
  assert.equal(await visitor.token(), undefined, "the old session is over");
});

Deno.test("createWebHandler() protects every answer by its headers (line 15)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  const answers = [
    await visitor.get("/login"),
    await visitor.get("/callback?code=x&state=y"),
    await visitor.get("/nowhere"),
    await visitor.get(copy),
    await visitor.get("/logout", { method: "POST" }),
  ];
  assert.deepEqual(answers.map(({ status }) => status), [
    303,
    400,
    404,
    303,
    303,
  ]);
  for (const { headers } of answers) {
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(
      headers.get("content-security-policy") ?? "",
      /^default-src 'none'; .*frame-ancestors 'none'/,
    );
  }
});

Deno.test("createWebHandler() encrypts its cookies, and accepts none with a changed character (line 49)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const page = await visitor.begin("/private");
  const state = new URL(page).searchParams.get("state") ?? "";
  const [[name, value] = ["", ""]] = [...visitor.cookies];
  assert.ok(!value.includes(state.slice(16)));
  assert.doesNotMatch(value, /private/);
  const copy = await site.sandbox.approveAndCopy(page);
  for (let at = 0; at < value.length; at += 7) {
    const other = value[at] === "A" ? "B" : "A";
    visitor.cookies.set(
      name,
      value.slice(0, at) + other + value.slice(at + 1),
    );
    assert.equal((await visitor.get(copy)).status, 400, `character ${at}`);
  }
  // A cookie of one login does not stand for another one.
  const elsewhere = await site.sandbox.approveAndCopy(await visitor.begin());
  const own = [...visitor.cookies.keys()].find((key) => key !== name) ?? "";
  visitor.cookies.set(own, value);
  assert.equal((await visitor.get(elsewhere)).status, 400);
});

Deno.test("createWebHandler() never accepts a login's cookie as a session's (line 49)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  await visitor.begin();
  const [value = ""] = [...visitor.cookies.values()];
  visitor.cookies.set("tdauth-session", value);
  assert.equal(await visitor.token(), undefined);
});

Deno.test("createWebHandler() accepts cookies of older keys and makes them with the newest", async () => {
  const caches = new Map<string, TokenCache>();
  const cacheFor = (session: string) => {
    const cache = caches.get(session) ?? new MemCache();
    caches.set(session, cache);
    return cache;
  };
  const next = "another-key-of-at-least-32-characters";
  await using site = await startSite({ cacheFor });
  const rotated = await site.another({ cookieKeys: [next, KEY] });
  const ended = await site.another({ cookieKeys: [next] });
  const early = new Visitor(site.web);
  await early.logIn(site.sandbox);
  const copy = await site.sandbox.approveAndCopy(await early.begin());
  assert.notEqual(await early.token(rotated), undefined);
  assert.equal(await early.token(ended), undefined);
  const late = await early.get(copy, {}, rotated);
  assert.equal(late.status, 303, "a login that began before goes on");
  assert.notEqual(await early.token(ended), undefined);
  assert.equal(await early.token(site.web), undefined);
});

Deno.test("createWebHandler() answers each other process' logins in every step of a rotation of its keys", async () => {
  const next = "another-key-of-at-least-32-characters";
  await using site = await startSite({ cacheFor: sharedCaches() });
  const steps = [[KEY], [KEY, next], [next, KEY], [next]];
  for (const [index, cookieKeys] of steps.slice(1).entries()) {
    const before = await site.another({ cookieKeys: steps[index] ?? [] });
    const after = await site.another({ cookieKeys });
    for (const [one, other] of [[before, after], [after, before]] as const) {
      const visitor = new Visitor(one);
      const page = await visitor.begin();
      const copy = await site.sandbox.approveAndCopy(page);
      assert.equal((await visitor.get(copy, {}, other)).status, 303);
      for (const web of [one, other]) {
        assert.notEqual(await visitor.token(web), undefined);
      }
    }
  }
  // What the steps are for: in front at once, the old process does not know it.
  const hasty = new Visitor(await site.another({ cookieKeys: [next, KEY] }));
  const copy = await site.sandbox.approveAndCopy(await hasty.begin());
  assert.equal((await hasty.get(copy, {}, site.web)).status, 400);
});

Deno.test("createWebHandler() gives a login ten minutes, and a session as long as its refresh token", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const page = await visitor.begin();
  site.sandbox.advance(601);
  const late = await visitor.get(await site.sandbox.approveAndCopy(page));
  assert.equal(late.status, 400);
  assert.match(await late.text(), /timed out/);
  await visitor.logIn(site.sandbox);
  site.sandbox.advance(89 * 86_400);
  assert.notEqual(await visitor.token(), undefined);
  site.sandbox.advance(2 * 86_400);
  assert.equal(await visitor.token(), undefined);
});

Deno.test("createWebHandler() ends a session after its own lifetime, whatever the browser keeps", async () => {
  await using site = await startSite({ sessionLifetime: 3600 });
  const visitor = new Visitor(site.web);
  const back = await visitor.logIn(site.sandbox);
  assert.match(back.headers.getSetCookie().join(), /session=.*Max-Age=3600;/);
  site.sandbox.advance(3599);
  assert.notEqual(await visitor.token(), undefined);
  site.sandbox.advance(2);
  assert.equal(await visitor.token(), undefined);
});

Deno.test("createWebHandler() keeps a session whose refresh tokens are renewed beyond the life of the first", async () => {
  await using site = await startSite({}, {
    refreshTokenLifetime: 1800,
    accessTokenLifetime: 300,
    rotation: "rotate",
  });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  for (let minutes = 5; minutes <= 120; minutes += 5) {
    site.sandbox.advance(300);
    assert.notEqual(await visitor.token(), undefined, `${minutes} minutes`);
  }
  site.sandbox.advance(1800);
  assert.equal(await visitor.token(), undefined);
});

Deno.test("createWebHandler() keeps no refresh token longer than its session, whatever the broker says of its life", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor, sessionLifetime: 3600 }, {
    rotation: "rotate",
  });
  const { authorizationEndpoint, tokenEndpoint } = site.sandbox;
  const unstated = await site.another({
    provider: {
      id: "elsewhere",
      name: "Elsewhere",
      authorizationEndpoint,
      tokenEndpoint,
      clientAuthentication: "none",
      pkce: false,
      exchangeParameters: { access_type: "offline" },
    },
    fetch: async (input, init) => {
      const answer = await fetch(input, init);
      const { refresh_token_expires_in: _, ...rest } = await answer.json();
      return Response.json(rest, { status: answer.status });
    },
  });
  for (const web of [site.web, unstated]) {
    const visitor = new Visitor(web);
    await visitor.logIn(site.sandbox);
    const cache = cacheFor.all().at(-1);
    assert.ok(cache);
    for (const seconds of [0, 1790]) { // as it came, and refreshed
      site.sandbox.advance(seconds);
      const td = await web.authorizationFor(visitor.request("/"));
      const { refreshToken } = await tokensIn(cache).load();
      assert.equal(refreshToken.valid, true);
      assert.ok(refreshToken.expiry <= site.sandbox.now() / 1000 + 3600);
      assert.equal(td?.refreshToken.expiry, refreshToken.expiry);
    }
  }
});

Deno.test("createWebHandler() keeps a session without a refresh token until its access token ends, and a second response to its login brings no other", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const { authorizationEndpoint, tokenEndpoint } = site.sandbox;
  const web = await site.another({
    provider: {
      id: "elsewhere",
      name: "Elsewhere",
      authorizationEndpoint,
      tokenEndpoint,
      clientAuthentication: "none",
      pkce: false, // without access_type the broker issues no refresh token
    },
  });
  const visitor = new Visitor(web);
  const redirect = await site.sandbox.approveAndCopy(await visitor.begin());
  const cookies = new Map(visitor.cookies);
  await visitor.get(redirect);
  const cache = cacheFor.all().at(-1);
  assert.ok(cache);
  assert.equal((await tokensIn(cache).load()).refreshToken.token, undefined);
  const token = await visitor.token();
  assert.notEqual(token, undefined);
  // Both tabs of a browser sent the redirect.
  for (const [name, value] of cookies) visitor.cookies.set(name, value);
  assert.equal((await visitor.get(redirect)).status, 303);
  assert.equal(await visitor.token(), token);
  site.sandbox.advance(1799);
  assert.equal(await visitor.token(), token);
  site.sandbox.advance(1);
  assert.equal(await visitor.token(), undefined);
});

Deno.test("createWebHandler() rejects a return path on another origin (line 49)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  for (
    const path of [
      "https://evil.example/",
      "//evil.example",
      "/\\evil.example",
      "/\t/evil.example",
      "/.//evil.example",
      "javascript:alert(1)",
      "evil",
      "",
    ]
  ) {
    const answer = await visitor.get(
      `/login?return_to=${encodeURIComponent(path)}`,
    );
    assert.equal(answer.status, 400, path);
    assert.equal(visitor.cookies.size, 0);
  }
});

Deno.test("createWebHandler() shows a page with a way on when the user declines or the broker fails", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const declined = await site.sandbox.approveAndCopy(
    await visitor.begin("/back?a=b"),
    { decision: "deny" },
  );
  const denied = await visitor.get(declined);
  assert.equal(denied.status, 403);
  assert.match(
    await denied.text(),
    /href="\/login\?return_to=%2Fback%3Fa%3Db"/,
  );
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  site.sandbox.failNext({ status: 400, body: '{"error":"<b>invalid</b>"}' });
  const failed = await visitor.get(copy);
  assert.equal(failed.status, 502);
  assert.doesNotMatch(await failed.text(), /<b>/);
  assert.equal(await visitor.token(), undefined);
});

Deno.test("createWebHandler() ends a session only by a same-origin POST", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  for (
    const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]
  ) {
    const answer = await visitor.get("/logout", { method: "POST", headers });
    assert.equal(answer.status, 403);
  }
  assert.notEqual(await visitor.token(), undefined);
  const session = visitor.cookies.get("tdauth-session") ?? "";
  const out = await visitor.get("/logout", {
    method: "POST",
    headers: { origin: ORIGIN, "sec-fetch-site": "same-origin" },
  });
  assert.deepEqual([out.status, out.headers.get("location")], [303, "/"]);
  assert.equal(visitor.cookies.size, 0);
  visitor.cookies.set("tdauth-session", session);
  assert.equal(await visitor.token(), undefined, "the tokens are gone");
});

Deno.test("authorizationFor() refreshes once for 100 requests of a user, and keeps users apart (line 50)", async () => {
  const calls = new UnderWay();
  await using site = await startSite({ fetch: calls.fetch });
  const one = new Visitor(site.web);
  const two = new Visitor(site.web);
  await one.logIn(site.sandbox);
  const first = await one.token();
  await two.logIn(site.sandbox);
  assert.notEqual(await two.token(), first);
  site.sandbox.advance(1800);
  const tokens = await calls.all(100, () => two.token());
  assert.deepEqual(calls.atAnswers, [0, 0, 100]); // two logins
  assert.equal(new Set(tokens).size, 1);
  assert.notEqual(tokens[0], first);
  assert.equal(refreshes(site), 1);
});

Deno.test("authorizationFor() returns undefined when only a login helps, and throws when the broker is away", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  site.sandbox.advance(1800);
  site.sandbox.failNext({ status: 503, times: 3 });
  await failsWith("broker_unavailable", visitor.token());
  assert.notEqual(await visitor.token(), undefined);
  site.sandbox.revokeAll();
  site.sandbox.advance(1800);
  assert.equal(await visitor.token(), undefined);
});

for (
  const [what, options] of [
    ["no key", { cookieKeys: [] }],
    ["a short key", { cookieKeys: ["short"] }],
    ["a session without end", { sessionLifetime: Infinity }],
    ["a session of no length", { sessionLifetime: 0 }],
    ["a session that ends before it begins", { sessionLifetime: -1 }],
    ["a session that is no number", { sessionLifetime: NaN }],
    ["a session beyond what browsers keep", { sessionLifetime: 401 * 86_400 }],
    ["a login without end", { loginTimeout: Infinity }],
    ["a login of no length", { loginTimeout: 0 }],
    ["a login that is no number", { loginTimeout: NaN }],
    ["no https", { callbackUrl: "http://app.example/callback" }],
    ["the same path twice", { loginPath: "/callback" }],
    ["a path elsewhere", { homePath: "https://evil.example" }],
  ] as const
) {
  Deno.test(`createWebHandler() rejects ${what}`, async () => {
    const error = await failsWith(
      "invalid_options",
      createWebHandler({
        provider: "tdameritrade",
        sandbox: "http://127.0.0.1:4280",
        consumerKey: "KEY",
        callbackUrl: `${ORIGIN}/callback`,
        cookieKeys: [KEY],
        ...options,
      }),
    );
    assert.ok(error.hint);
  });
}
