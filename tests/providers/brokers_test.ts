/** The presets at servers on loopback that insist on what each broker's documentation asks for; what is a guess there is not acted out. */
import assert from "node:assert/strict";
import {
  AccessToken,
  authorize,
  type AuthorizeOptions,
  DiskCache,
  formatTokens,
  MemCache,
  parseTokens,
  questrade,
  RefreshToken,
  tastytrade,
} from "../../mod.ts";
import { apiOriginOf } from "../../src/providers/api_origin.ts";
import { loadOld } from "../golden/old.ts";
import { tdauth } from "../interop/command.ts";
import { failsWith, reservePort, temporaryDirectory } from "../support.ts";

type Texts = Readonly<Record<string, string>>;

/** What a broker insists on. */
interface Rules {
  /** Why it refuses a login. */
  readonly refuses?: (asked: Texts) => string | undefined;
  /** Why it refuses a request to the token endpoint or the API. */
  readonly refusesRequest?: (request: Request) => Response | undefined;
  /** Whether its secret must be in the body. */
  readonly secretInBody?: boolean;
  /** Whether a refresh token is good for one refresh. */
  readonly singleUse?: boolean;
  /** What the token answers have besides. */
  readonly answers?: () => Readonly<Record<string, unknown>>;
}

/** Starts a broker; its first refresh token is `WEBSITE`. */
function broker(rules: Rules) {
  const logins: Texts[] = [];
  const grants: Texts[] = [];
  const requests: Request[] = [];
  let refreshToken = "WEBSITE";
  let number = 0;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const url = new URL(request.url);
      if (url.pathname === "/authorize") {
        const asked = Object.fromEntries(url.searchParams);
        logins.push(asked);
        const back = new URL(asked["redirect_uri"] ?? "");
        back.searchParams.set("state", asked["state"] ?? "");
        const error = rules.refuses?.(asked);
        back.searchParams.set(error ? "error" : "code", error ?? "CODE");
        return Response.redirect(back, 302);
      }
      requests.push(request);
      const refused = rules.refusesRequest?.(request);
      if (refused !== undefined) return refused;
      if (url.pathname !== "/token") return new Response("API");
      const sent = Object.fromEntries(
        new URLSearchParams(await request.text()),
      );
      grants.push(sent);
      const proven = sent["client_secret"] === "SECRET" &&
        !request.headers.has("authorization");
      if (rules.secretInBody && !proven) {
        return Response.json({ error: "invalid_client" }, { status: 401 });
      }
      const isRefresh = sent["grant_type"] === "refresh_token";
      if (isRefresh && sent["refresh_token"] !== refreshToken) {
        return new Response("Bad Request", { status: 400 });
      }
      if (!isRefresh || rules.singleUse) refreshToken = `REFRESH${++number}`;
      return Response.json({
        access_token: `ACCESS${++number}`,
        token_type: "Bearer",
        expires_in: 900,
        ...((!isRefresh || rules.singleUse) && { refresh_token: refreshToken }),
        ...rules.answers?.(),
      });
    },
  );
  const origin = `http://127.0.0.1:${server.addr.port}`;
  return {
    origin,
    logins,
    grants,
    requests,
    endpoints: {
      authorizationEndpoint: `${origin}/authorize`,
      tokenEndpoint: `${origin}/token`,
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Logs in as a script does whose user approves everything. */
async function login(options: AuthorizeOptions) {
  using reserved = reservePort();
  return await authorize({
    consumerKey: "KEY",
    consumerSecret: "SECRET",
    callbackUrl: `http://127.0.0.1:${reserved.port}`,
    configDir: "/nonexistent",
    cache: new MemCache(),
    loginTimeout: 20,
    log: () => {},
    openUrl: async (url) => void await (await fetch(url)).body?.cancel(),
    ...options,
  });
}

const AUDIENCE = "https://api.tradestation.com";
const TRADESTATION: Rules = {
  secretInBody: true,
  refuses: ({ audience, scope = "" }) =>
    audience === AUDIENCE && scope.split(" ").includes("offline_access")
      ? undefined
      : "access_denied",
};

Deno.test("tradestation: a login names the audience and has the secret in the body, and a refresh keeps the refresh token", async () => {
  await using it = broker(TRADESTATION);
  const td = await login({ provider: "tradestation", ...it.endpoints });
  await td.refresh();
  assert.equal(td.accessToken.token, "ACCESS3");
  assert.equal(td.refreshToken.token, "REFRESH1");
  assert.equal(td.refreshToken.expiresIn, Infinity);
  assert.equal(it.grants.length, 2);
  // The stand-in insists on it.
  await failsWith(
    "login_denied",
    login({
      provider: "tradestation",
      ...it.endpoints,
      authorizationParameters: { audience: "" },
    }),
  );
});

Deno.test("tradestation: an app without a secret logs in with PKCE, and a logout revokes nothing", async () => {
  await using it = broker({ ...TRADESTATION, secretInBody: false });
  using reserved = reservePort();
  const td = await authorize({
    provider: "tradestation",
    ...it.endpoints,
    consumerKey: "KEY",
    callbackUrl: `http://127.0.0.1:${reserved.port}`,
    configDir: "/nonexistent",
    cache: new MemCache(),
    log: () => {},
    openUrl: async (url) => void await (await fetch(url)).body?.cancel(),
  });
  assert.equal(it.logins[0]?.["code_challenge_method"], "S256");
  assert.match(it.grants[0]?.["code_verifier"] ?? "", /^[\w-]{43}$/);
  await td.logout();
  assert.equal(it.grants.length, 1);
});

const TASTYTRADE: Rules = {
  secretInBody: true,
  refusesRequest: (request) =>
    /^[\w-]+\/[\d.]+$/.test(request.headers.get("user-agent") ?? "")
      ? undefined
      : new Response("<html>no user agent</html>", { status: 401 }),
};

Deno.test("tastytrade: every request has a User-Agent of the form product/version, at the API the caller's own if there is one", async () => {
  await using it = broker(TASTYTRADE);
  const at = { ...it.endpoints, apiOrigin: it.origin };
  const td = await login({ provider: "tastytrade", ...at });
  await td.refresh();
  assert.equal(await (await td.fetch("/accounts")).text(), "API");
  const own = { headers: { "User-Agent": "my-app/2.0" } };
  assert.equal(await (await td.fetch("/accounts", own)).text(), "API");
  assert.deepEqual(
    it.requests.map(({ headers }) => headers.get("user-agent")),
    ["tdauth/1", "tdauth/1", "tdauth/1", "my-app/2.0"],
  );
  // The stand-in insists on it, and a setting changes it.
  const bad = { provider: "tastytrade", ...at, userAgent: "something else" };
  await failsWith("unexpected_answer", login(bad));
  await failsWith("invalid_options", login({ ...bad, userAgent: "a\nb" }));
});

Deno.test("tastytrade: an app without a secret is refused before anything is sent", async () => {
  await using it = broker(TASTYTRADE);
  await failsWith(
    "invalid_options",
    authorize({
      provider: "tastytrade",
      ...it.endpoints,
      consumerKey: "KEY",
      callbackUrl: "http://127.0.0.1:8182",
      configDir: "/nonexistent",
      cache: new MemCache(),
    }),
  );
  assert.deepEqual([it.logins, it.requests], [[], []]);
});

/** A `fetch` that plays the brokers' API servers, and what it saw there. */
function apis(answer: (url: URL) => Response = () => new Response("API")) {
  const seen: string[] = [];
  const sends: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (url.hostname === "127.0.0.1") return fetch(request);
    seen.push(
      `${request.method} ${url.href} ${request.headers.get("authorization")}`,
    );
    return Promise.resolve(answer(url));
  };
  return { seen, fetch: sends };
}

Deno.test("questrade: requests go to the server that the last token answer named, and a moved one is followed", async () => {
  let server = "https://api01.iq.questrade.com/";
  await using it = broker({
    singleUse: true,
    answers: () => ({ api_server: server, expires_in: 1800 }),
  });
  const api = apis(({ host }) =>
    host.startsWith("api01") && server.includes("api05")
      ? new Response("moved", { status: 401 })
      : new Response("API")
  );
  const td = await login({
    provider: "questrade",
    ...it.endpoints,
    scope: "read_acc read_md",
    fetch: api.fetch,
  });
  assert.equal(it.logins[0]?.["scope"], "read_acc,read_md");
  assert.equal(it.logins[0]?.["code_challenge"], undefined);
  assert.equal(td.refreshToken.expiresIn, 604_800);
  assert.equal(await (await td.fetch("/v1/accounts")).text(), "API");
  server = "https://api05.iq.questrade.com/";
  const post = { method: "POST", body: "order" };
  assert.equal(await (await td.fetch("/v1/orders?a=b", post)).text(), "API");
  assert.deepEqual(api.seen, [
    "GET https://api01.iq.questrade.com/v1/accounts Bearer ACCESS2",
    "POST https://api01.iq.questrade.com/v1/orders?a=b Bearer ACCESS2",
    "POST https://api05.iq.questrade.com/v1/orders?a=b Bearer ACCESS4",
  ]);
  assert.equal(td.refreshToken.token, "REFRESH3");
  for (
    const url of ["https://api01.iq.questrade.com/", "https://evil.example/"]
  ) {
    await failsWith("forbidden_origin", td.fetch(url));
  }
  assert.equal(api.seen.length, 3);
});

Deno.test("questrade: a request after a refresh goes to the server of the new token at once", async () => {
  let server = "https://api01.iq.questrade.com/";
  let clock = Date.now();
  await using it = broker({
    singleUse: true,
    answers: () => ({ api_server: server }),
  });
  const api = apis();
  const td = await login({
    provider: "questrade",
    ...it.endpoints,
    fetch: api.fetch,
    minValid: 850, // of 900
    now: () => clock,
  });
  server = "https://api05.iq.questrade.com/";
  clock += 100_000;
  await td.fetch("/v1/accounts");
  assert.deepEqual(api.seen, [
    "GET https://api05.iq.questrade.com/v1/accounts Bearer ACCESS4",
  ]);
});

for (
  const named of [
    "https://evil.example/",
    "https://questrade.com.evil.example/",
    "https://evilquestrade.com/",
    "https://questrade.com@evil.example/",
    "http://api01.iq.questrade.com/",
    "https://api01.iq.questrade.com.",
    "https://evil.example/.questrade.com",
    "https://evil.example\\.questrade.com",
    "api01.iq.questrade.com",
    "javascript:alert(1)//.questrade.com",
    7,
    { host: "a.questrade.com" },
  ]
) {
  Deno.test(`questrade: a token is never sent to ${JSON.stringify(named)}, and the refresh token is kept`, async () => {
    await using it = broker({
      singleUse: true,
      answers: () => ({ api_server: named }),
    });
    const api = apis();
    const logged: string[] = [];
    const td = await login({
      provider: "questrade",
      ...it.endpoints,
      fetch: api.fetch,
      log: (level, text) => void logged.push(`${level} ${text}`),
    });
    assert.match(
      logged.join("\n"),
      /^error Questrade named .* as its API, which is not https at questrade\.com; no token is sent there$/m,
    );
    await failsWith("forbidden_origin", td.fetch("/v1/accounts"));
    await failsWith("forbidden_origin", td.fetch("https://evil.example/"));
    assert.deepEqual(api.seen, []);
    await td.refresh();
    assert.equal(td.refreshToken.token, "REFRESH3");
  });
}

Deno.test("apiOriginOf() checks a stored origin again, and one that the provider has goes before it", () => {
  const stored = "https://api01.iq.questrade.com";
  assert.equal(apiOriginOf(questrade(), stored), stored);
  assert.equal(apiOriginOf(questrade(), undefined), undefined);
  assert.equal(apiOriginOf(questrade(), "https://evil.example"), undefined);
  const apiOrigin = "https://api.example";
  assert.equal(apiOriginOf({ ...questrade(), apiOrigin }, stored), apiOrigin);
  assert.equal(apiOriginOf(tastytrade(), stored), tastytrade().apiOrigin);
  for (const domain of ["com", "", ".com", "*.questrade.com"]) {
    const loose = { ...questrade(), apiOriginFrom: { api_server: domain } };
    assert.equal(apiOriginOf(loose, stored), undefined);
  }
});

Deno.test("the origin that came with tokens is stored with them, and kept by the code before it", async () => {
  await using home = temporaryDirectory();
  const today = new DiskCache(home.path, "tokens.json");
  const apiOrigin = "https://api01.iq.questrade.com";
  const path = `${home.path}/tokens.json`;
  Deno.writeTextFileSync(
    path,
    formatTokens({
      accessToken: new AccessToken({ token: "A", expiresIn: 1800 }),
      refreshToken: new RefreshToken({ token: "R", expiresIn: 604_800 }),
      apiOrigin,
    }),
  );
  assert.equal(today.accessToken.token, "A");
  const old = new (await loadOld()).DiskCache(home.path, "tokens.json");
  await old.save({ ...await old.load(), scope: "by the old code" });
  const { scope, ...read } = parseTokens(Deno.readTextFileSync(path));
  assert.deepEqual([scope, read.apiOrigin], ["by the old code", apiOrigin]);
});

Deno.test("a provider whose User-Agent cannot be sent is refused", async () => {
  for (const userAgent of ["", "a\r\nb: c", "é/1", " a/1"]) {
    await failsWith(
      "invalid_options",
      login({ provider: { ...tastytrade(), userAgent } }),
    );
  }
});

for (
  const { provider, rules } of [
    {
      provider: "questrade",
      rules: {
        singleUse: true,
        answers: () => ({ api_server: "https://api01.iq.questrade.com/" }),
      },
    },
    { provider: "tastytrade", rules: TASTYTRADE },
  ]
) {
  Deno.test(`${provider}: a refresh token from the website is imported, and every refresh after it works`, async () => {
    await using it = broker(rules);
    await using home = temporaryDirectory();
    const env = {
      TD_PROVIDER: provider,
      TD_CONSUMER_KEY: "KEY",
      TD_CONSUMER_SECRET: "SECRET",
      TD_AUTHORIZATION_ENDPOINT: it.endpoints.authorizationEndpoint,
      TD_TOKEN_ENDPOINT: it.endpoints.tokenEndpoint,
    };
    const file = `${home.path}/token.txt`;
    Deno.writeTextFileSync(file, "WEBSITE\n", { mode: 0o600 });
    const run = (...words: string[]) => tdauth(words, { home: home.path, env });
    const imported = await run("import", file, "--format", "refresh-token");
    assert.equal(imported.code, 0, imported.stderr);
    for (let refreshes = 1; refreshes <= 3; refreshes++) {
      const { code, stdout, stderr } = await run(
        ...(refreshes === 1 ? ["token"] : ["refresh"]),
      );
      assert.equal(code, 0, stderr);
      if (refreshes === 1) assert.match(stdout, /^ACCESS\d\n$/);
      assert.equal(it.grants.length, refreshes);
    }
    const status = await run("status", "--json");
    assert.equal(status.code, 0, status.stderr);
    const server = provider === "questrade"
      ? "https://api01.iq.questrade.com"
      : undefined;
    assert.equal(JSON.parse(status.stdout).api_origin, server);
    const shown = await run("status");
    assert.equal(/^ *API  *https/m.test(shown.stdout), server !== undefined);
  });
}

for (
  const [what, provider, answer, code, said] of [
    [
      "Questrade's answer to a dead refresh token, as public reports have it, is a login that is needed",
      "questrade",
      "Bad Request",
      3,
      /^tdauth: .*: the refresh token has expired, was revoked, or was replaced by a newer login \(it returned 400 with something other than JSON\)\nhint: log in/,
    ],
    [
      "Questrade's other texts may come from something on the way",
      "questrade",
      "Bad Request: CANARY",
      5,
      /^tdauth: .*: it returned 400 with something other than JSON, which may come from a proxy or firewall\nhint: try again in a minute; stored tokens are kept/,
    ],
    [
      "Questrade's page may come from something on the way",
      "questrade",
      "<html>Bad Request</html>",
      5,
      /^tdauth: .*: it returned 400 with a web page, which may come from a/,
    ],
    [
      "the same text of another provider may come from something on the way",
      "tastytrade",
      "Bad Request",
      5,
      /^tdauth: .*: it returned 400 with something other than JSON, which may/,
    ],
  ] as const
) {
  Deno.test(`tdauth token: ${what}`, async () => {
    await using it = broker({
      refusesRequest: () => new Response(answer, { status: 400 }),
    });
    await using home = temporaryDirectory();
    const env = {
      TD_PROVIDER: provider,
      TD_CONSUMER_KEY: "KEY",
      TD_CONSUMER_SECRET: "SECRET",
      TD_AUTHORIZATION_ENDPOINT: it.endpoints.authorizationEndpoint,
      TD_TOKEN_ENDPOINT: it.endpoints.tokenEndpoint,
    };
    const file = `${home.path}/token.txt`;
    Deno.writeTextFileSync(file, "CANARY-dead\n", { mode: 0o600 });
    const run = (...words: string[]) => tdauth(words, { home: home.path, env });
    const imported = await run("import", file, "--format", "refresh-token");
    assert.equal(imported.code, 0, imported.stderr);
    const first = await run("token");
    assert.equal(first.code, code, first.stderr);
    assert.match(first.stderr, said);
    assert.doesNotMatch(first.stderr, /CANARY/);
    assert.equal((await run("token")).code, code);
    assert.equal(it.requests.length, 1, "it is remembered");
    const kept = await run("export", "--format", "refresh-token");
    assert.equal(kept.stdout, "CANARY-dead\n");
  });
}
