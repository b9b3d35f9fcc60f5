import assert from "node:assert/strict";
import { authorizationUrl, logIn, startSandbox } from "./support.ts";

Deno.test("startSandbox() serves pages that load nothing and are not cached", async () => {
  await using broker = await startSandbox();
  for (
    const url of [
      `${broker.url}/`,
      authorizationUrl(broker),
      authorizationUrl(broker, { client_id: "other" }),
    ]
  ) {
    const response = await fetch(url);
    const page = await response.text();
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(
      policy,
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("referrer-policy"), "same-origin");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.match(page, /This is not Charles Schwab/);
    assert.doesNotMatch(page, /<script|<img|<link|style="|https?:\/\/[^1]/);

    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? "";
    const digest = await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(style),
    );
    assert.ok(policy.includes(btoa(String.fromCharCode(
      ...new Uint8Array(digest),
    ))));
  }
});

Deno.test("startSandbox() shows what it is given as text", async () => {
  const markup = `"><script>alert('1')</script>&amp;`;
  await using broker = await startSandbox({ consumerKey: markup });
  for (
    const url of [
      `${broker.url}/`,
      authorizationUrl(broker, { redirect_uri: markup }),
      authorizationUrl(broker, { client_id: markup + markup }),
    ]
  ) {
    const page = await (await fetch(url)).text();
    assert.doesNotMatch(page, /<script/);
    assert.match(
      page,
      /&quot;&gt;&lt;script&gt;alert\(&#39;1&#39;\)&lt;\/script&gt;&amp;amp;/,
    );
  }
});

Deno.test("startSandbox() continues a login only in the browser that began it", async () => {
  await using broker = await startSandbox();
  const login = await fetch(authorizationUrl(broker));
  const cookie = login.headers.getSetCookie()[0] ?? "";
  assert.match(
    cookie,
    /^sandbox_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  const attempt = /name="attempt" value="([^"]+)"/.exec(await login.text())
    ?.[1] ?? "";
  const post = (path: string, headers: HeadersInit) =>
    fetch(broker.url + path, {
      method: "POST",
      redirect: "manual",
      headers,
      body: new URLSearchParams({
        attempt,
        username: broker.user.name,
        password: broker.user.password,
        decision: "allow",
        account: "10000001",
      }),
    });
  const mine = { cookie: cookie.split(";")[0] ?? "" };
  for (
    const [path, headers] of [
      ["/login", {}],
      ["/login", { cookie: mine.cookie.slice(0, -1) }],
      ["/consent", mine], // not logged in yet
    ] as const
  ) {
    const response = await post(path, headers);
    assert.equal(response.status, 403);
    assert.match(await response.text(), /Session rejected/);
  }
  const right = await post("/login", mine);
  assert.equal(right.status, 303);
  await right.body?.cancel();
  // The session id from before the login is worth nothing any more.
  const fixed = await post("/consent", mine);
  assert.equal(fixed.status, 403);
  await fixed.body?.cancel();
});

Deno.test("startSandbox() shows on its home page what is alive and what was asked", async () => {
  await using broker = await startSandbox({ now: () => 1_700_000_000_000 });
  const home = async () => await (await fetch(broker.url)).text();
  assert.match(await home(), /None yet/);
  await logIn(broker);
  await logIn(broker);
  const page = await home();
  assert.match(page, /2 access tokens, 1 refresh token, 0 codes/);
  assert.match(page, /2023-11-14 22:13:20 UTC/);
  assert.match(
    page,
    /access token 30 min, refresh token 7 days from the login/,
  );
  assert.match(page, /<code>\/v1\/oauth\/token<\/code>/);
});
