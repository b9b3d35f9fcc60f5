/** What clients, other sites and other applications may send to a web application's routes. */
import assert from "node:assert/strict";
import { TdauthError } from "../../mod.ts";
import { reservePort } from "../support.ts";
import { away, sharedCaches } from "./shared_caches.ts";
import { UnderWay } from "../under_way.ts";
import { KEY, ORIGIN, startSite, Visitor } from "./visitor.ts";
import { tokensIn } from "../tokens_in.ts";

const exchanges = (site: { sandbox: { requests: readonly unknown[] } }) =>
  site.sandbox.requests.filter((request) =>
    JSON.stringify(request).includes("authorization_code")
  ).length;

Deno.test("createWebHandler() answers a Host that is no host, through a real server, with 421 (line 4)", async () => {
  using reserved = reservePort();
  const { port } = reserved;
  await using site = await startSite({}, {
    callbackUrl: `http://127.0.0.1:${port}/callback`,
  });
  await using _server = Deno.serve({
    hostname: "127.0.0.1",
    port,
    onListen() {},
    onError: () => new Response("thrown", { status: 500 }),
  }, (request) => site.web(request));
  const ask = async (line: string, host: string) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const text = `GET ${line} HTTP/1.1\r\nhost: ${host}\r\n` +
      "connection: close\r\n\r\n";
    await connection.write(new TextEncoder().encode(text));
    return Number(
      (await new Response(connection.readable).text()).slice(9, 12),
    );
  };
  const own = `127.0.0.1:${port}`;
  for (
    const host of [
      `${own}.evil.example`,
      "[",
      "evil.example",
      `user@${own}`,
      "",
    ]
  ) {
    assert.equal(await ask("/login", host), 421, host);
  }
  assert.equal(await ask("/login", own), 303);
  assert.equal(await ask("http://evil.example/login", own), 303);
});

Deno.test("createWebHandler() accepts its host in capitals and with the default port", async () => {
  const origin = "https://app.example";
  await using site = await startSite({ hosts: ["Internal:9000"] }, {
    broker: "schwab",
    callbackUrl: `${origin}/callback`,
  });
  for (const host of ["APP.example", "app.example:443", "internal:9000"]) {
    const answer = await site.web(
      new Request(`${origin}/login`, { headers: { host } }),
    );
    assert.equal(answer.status, 303, host);
  }
  const other = await site.web(
    new Request(`${origin}/login`, { headers: { host: "app.example:80" } }),
  );
  assert.equal(other.status, 421);
});

Deno.test("createWebHandler() answers a URL over 16 KiB, very long cookies and very many", async () => {
  await using site = await startSite();
  const long = "x".repeat(17 * 1024);
  for (const path of ["/login?return_to=/", "/callback?state="]) {
    assert.equal(
      (await site.web(new Request(ORIGIN + path + long))).status,
      414,
    );
  }
  const visitor = new Visitor(site.web);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  const [mine = ""] = [...visitor.cookies].map(([name, value]) =>
    `${name}=${value}`
  );
  const many = Array.from(
    { length: 20_000 },
    (_, index) => `tdauth-login-${String(index).padStart(16, "0")}=${index}`,
  ).join("; ");
  for (const cookie of [`tdauth-session=${long.repeat(20)}`, many]) {
    const headers = { cookie: `${cookie}; ${mine}` };
    const login = await site.web(new Request(`${ORIGIN}/login`, { headers }));
    assert.equal(login.status, 303);
    assert.ok(login.headers.getSetCookie().length <= 181);
    const none = new Request(`${ORIGIN}/`, { headers });
    assert.equal(await site.web.authorizationFor(none), undefined);
  }
  const headers = { cookie: `${many}; ${mine}` };
  assert.equal((await site.web(new Request(copy, { headers }))).status, 303);
});

/** The longest return path, in JSON: of two characters for each backslash. */
const LONGEST = `/?${"\\".repeat(199)}`;
const cookieOf = (visitor: Visitor) =>
  visitor.request("/").headers.get("cookie") ?? "";

Deno.test("createWebHandler() keeps eight logins of one browser, whatever they come back to, in less than 7,000 characters", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const pages: string[] = [];
  const paths = [LONGEST, `${LONGEST}a`, `/${"é".repeat(170)}`, "/short"];
  for (const path of [...paths, ...paths]) {
    site.sandbox.advance(1);
    pages.push(await visitor.begin(path));
  }
  assert.equal(visitor.cookies.size, 9);
  assert.ok(cookieOf(visitor).length < 7000);
  const came: (string | null)[] = [];
  for (const page of pages) {
    const back = await visitor.get(await site.sandbox.approveAndCopy(page));
    came.push(back.headers.get("location"));
  }
  const expected = [LONGEST, "/", "/", "/short"];
  assert.deepEqual(came, [...expected, ...expected]);
});

for (
  const [tabs, path, most] of [
    [8, LONGEST, 7000],
    [8, `/${"x".repeat(1000)}`, 7000],
    [20, "/accounts/overview", 7000],
  ] as const
) {
  Deno.test(`createWebHandler() gives ${tabs} tabs that begin at once with a path of ${path.length} characters less than ${most} of cookies`, async () => {
    await using site = await startSite();
    const login = `/login?return_to=${encodeURIComponent(path)}`;
    const visitor = new Visitor(site.web);
    const requests = Array.from(
      { length: tabs },
      () => visitor.request(login),
    );
    for (const request of requests) {
      const answer = await site.web(request);
      for (const line of answer.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        visitor.cookies.set(name, value);
      }
    }
    assert.equal(visitor.cookies.size, tabs);
    assert.ok(cookieOf(visitor).length < most);
    await visitor.begin();
    assert.equal(visitor.cookies.size, 8, "the next one ends the oldest");
  });
}

for (
  const [what, path] of [
    ["is too long for a cookie", `/${"x".repeat(5000)}`],
    ["is the login route", "/login?return_to=/a"],
    ["is the callback route", "/callback?code=x"],
    ["is the logout route", "/logout"],
  ] as const
) {
  Deno.test(`createWebHandler() comes back to the home page when the return path ${what}`, async () => {
    await using site = await startSite();
    const visitor = new Visitor(site.web);
    const back = await visitor.logIn(site.sandbox, path);
    assert.equal(back.headers.get("location"), "/");
  });
}

for (
  const header of [
    { "sec-purpose": "prefetch" },
    { "sec-purpose": "prefetch;prerender" },
    { purpose: "prefetch" },
    { "x-moz": "prefetch" },
  ]
) {
  Deno.test(`createWebHandler() neither begins nor ends a login for a prefetch (${JSON.stringify(header)})`, async () => {
    await using site = await startSite();
    const visitor = new Visitor(site.web);
    const guess = await visitor.get("/login", { headers: header });
    assert.equal(guess.status, 503);
    assert.equal(guess.headers.get("cache-control"), "no-store");
    assert.equal(visitor.cookies.size, 0);
    const copy = await site.sandbox.approveAndCopy(await visitor.begin());
    assert.equal((await visitor.get(copy, { headers: header })).status, 503);
    assert.equal(exchanges(site), 0);
    assert.equal((await visitor.get(copy)).status, 303, "the login goes on");
    assert.notEqual(await visitor.token(), undefined);
  });
}

for (
  const [what, headers] of [
    ["picture", { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }],
    ["frame", { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }],
    ["script's request", {
      "sec-fetch-mode": "cors",
      "sec-fetch-dest": "empty",
    }],
  ] as const
) {
  Deno.test(`createWebHandler() neither begins nor ends a login for a ${what}`, async () => {
    await using site = await startSite();
    const visitor = new Visitor(site.web);
    const page = await visitor.begin();
    for (let count = 0; count < 8; count++) {
      site.sandbox.advance(1);
      const from = { ...headers, "sec-fetch-site": "same-site" };
      const answer = await visitor.get("/login", { headers: from });
      assert.equal(answer.status, 403);
    }
    const copy = await site.sandbox.approveAndCopy(page);
    assert.equal((await visitor.get(copy, { headers })).status, 403);
    const own = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    assert.equal((await visitor.get(copy, { headers: own })).status, 303);
  });
}

Deno.test("createWebHandler() begins a login that the application's service worker hands on", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const headers = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "empty" };
  assert.equal((await visitor.get("/login", { headers })).status, 303);
});

Deno.test("createWebHandler() accepts a logout from a same-origin script", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const out = await visitor.get("/logout", {
    method: "POST",
    headers: { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" },
  });
  assert.deepEqual([out.status, visitor.cookies.size], [303, 0]);
});

Deno.test("createWebHandler() accepts a logout that the browser calls same-origin, whatever Referrer-Policy made of Origin", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const out = await visitor.get("/logout", {
    method: "POST",
    headers: { origin: "null", "sec-fetch-site": "same-origin" },
  });
  assert.equal(out.status, 303);
  assert.equal(await visitor.token(), undefined);
});

Deno.test("createWebHandler() accepts no cookie of another app or another provider, though the keys and the store are the same (line 50)", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  const others = [
    await site.another({ consumerKey: "OTHER@AMER.OAUTHAP" }),
    await site.another({
      provider: "schwab",
      consumerSecret: "CANARY-secret-of-the-other-app",
      callbackUrl: "https://localhost:8000/callback",
    }),
    await site.another({ sandbox: "http://127.0.0.1:1" }),
  ];
  for (const other of others) {
    assert.equal(await visitor.token(other), undefined);
    const { pathname, search } = new URL(copy);
    const answer = await other(visitor.request(pathname + search));
    assert.ok([400, 421].includes(answer.status));
  }
  assert.equal(exchanges(site), 1);
  assert.notEqual(await visitor.token(), undefined);
  assert.equal((await visitor.get(copy)).status, 303);
});

Deno.test("authorizationFor() returns undefined for a session whose tokens in the store are another provider's (line 50)", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  for (const cache of cacheFor.all()) {
    await tokensIn(cache).save({
      ...await tokensIn(cache).load(),
      provider: "elsewhere",
    }, "refresh");
  }
  const requests = site.sandbox.requests.length;
  assert.equal(await visitor.token(), undefined);
  assert.equal(site.sandbox.requests.length, requests, "nothing was sent");
});

Deno.test("authorizationFor() refreshes once for two processes with one store", async () => {
  const cacheFor = sharedCaches();
  const calls = new UnderWay();
  await using site = await startSite({ cacheFor, fetch: calls.fetch });
  const other = await site.another();
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const first = await visitor.token();
  site.sandbox.advance(1800);
  const tokens = await calls.all(
    20,
    (index) => visitor.token(index % 2 === 0 ? site.web : other),
  );
  assert.deepEqual(calls.atAnswers, [0, 20]); // the login, and one for all
  assert.equal(new Set(tokens).size, 1);
  assert.notEqual(tokens[0], first);
  const refreshes = site.sandbox.requests.filter(({ grantType }) =>
    grantType === "refresh_token"
  );
  assert.equal(refreshes.length, 1);
});

Deno.test("createWebHandler() ends the session that a new login replaces, though a refresh of it is in progress (line 50)", async () => {
  const refreshed = Promise.withResolvers<void>();
  const exchanged = Promise.withResolvers<void>();
  let exchanges = 0;
  await using site = await startSite({
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (String(init?.body).includes("grant_type=refresh_token")) {
        refreshed.resolve();
        await exchanged.promise; // the answer is on its way until then
      } else if (++exchanges === 2) exchanged.resolve();
      return response;
    },
  });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const old = visitor.cookies.get("tdauth-session") ?? "";
  site.sandbox.advance(1799);
  const page = await visitor.begin();
  const answer = await site.sandbox.approveAndCopy(page);
  const refreshing = visitor.token();
  await refreshed.promise;
  assert.equal((await visitor.get(answer)).status, 303);
  await refreshing;
  visitor.cookies.set("tdauth-session", old);
  assert.equal(await visitor.token(), undefined);
});

Deno.test("createWebHandler() logs in though the store of the last session fails", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  for (const cache of cacheFor.all()) cacheFor.breaks.add(cache);
  assert.equal((await visitor.logIn(site.sandbox)).status, 303);
  assert.notEqual(await visitor.token(), undefined);
  assert.match(site.messages.join(), /the store is away/);
});

Deno.test("createWebHandler() answers 503 with Retry-After when the store fails during a login, and uses no code up", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin("/a"));
  cacheFor.away = true;
  const answer = await visitor.get(copy);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get("retry-after"), "30");
  assert.match(
    await answer.text(),
    /This application’s database is unavailable/,
  );
  assert.equal(exchanges(site), 0);
});

Deno.test("createWebHandler() begins the session of tokens that the store saves once it is back", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin("/a"));
  const late: (() => Promise<void>)[] = [];
  const slow = await site.another({
    cacheFor: (session) => {
      const cache = cacheFor(session);
      return {
        ...cache,
        write(text, options) {
          if (options.kind === "journal") return cache.write(text, options);
          late.push(() => cache.write(text, options));
          return Promise.reject(away());
        },
      };
    },
  });
  const answer = await visitor.get(copy, {}, slow);
  assert.equal(answer.status, 503);
  assert.equal(answer.headers.get("retry-after"), "30");
  assert.match(await answer.text(), /href="\/a">Continue/);
  assert.deepEqual([...visitor.cookies.keys()], ["tdauth-session"]);
  for (const write of late) await write();
  assert.notEqual(await visitor.token(), undefined);
});

Deno.test("createWebHandler() keeps the session of a login before while the store does not answer a new one", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  cacheFor.away = true;
  assert.equal((await visitor.get(copy)).status, 503);
  cacheFor.away = false;
  assert.notEqual(await visitor.token(), undefined);
});

Deno.test("createWebHandler() leads a user who reloads the callback URL back to the application, and exchanges nothing (line 9)", async () => {
  await using site = await startSite();
  const visitor = new Visitor(site.web);
  const copy = await site.sandbox.approveAndCopy(await visitor.begin());
  await visitor.get(copy);
  const token = await visitor.token();
  const again = await visitor.get(copy);
  assert.equal(again.status, 400);
  assert.match(await again.text(), /href="\/">Continue: you are logged in/);
  assert.equal(exchanges(site), 1);
  assert.equal(await visitor.token(), token);
});

Deno.test("createWebHandler() rejects a home page that is one of its routes", async () => {
  await using site = await startSite();
  for (const homePath of ["/login", "/callback?a=b"]) {
    await assert.rejects(
      site.another({ homePath, cookieKeys: [KEY] }),
      /the home path .* is one of its routes/,
    );
  }
});

Deno.test("createWebHandler() forgets the tokens at a logout though they cannot be read or revoked", async () => {
  const cacheFor = sharedCaches();
  await using site = await startSite({ cacheFor });
  const visitor = new Visitor(site.web);
  await visitor.logIn(site.sandbox);
  const session = visitor.cookies.get("tdauth-session") ?? "";
  const [cache] = cacheFor.all();
  assert.ok(cache);
  const { read } = cache;
  cache.read = () =>
    Promise.reject(new TdauthError("cache_corrupt", "Cannot read tokens"));
  const out = await visitor.get("/logout", { method: "POST" });
  assert.deepEqual([out.status, visitor.cookies.size], [303, 0]);
  cache.read = read;
  assert.equal((await tokensIn(cache).load()).refreshToken.token, undefined);
  visitor.cookies.set("tdauth-session", session);
  assert.equal(await visitor.token(), undefined);
});
