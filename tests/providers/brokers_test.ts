/** The presets at servers on loopback that insist on what each broker's documentation asks for; what is a guess there is not acted out. */
import assert from "node:assert/strict";
import { authorize, MemCache, tastytrade } from "../../mod.ts";
import { tdauth } from "../interop/command.ts";
import { failsWith, reservePort, temporaryDirectory } from "../support.ts";
import { broker, login, type Rules } from "./playing_broker.ts";

/** Imports a refresh token from a website into a home directory; gives what runs a command there. */
async function imported(
  { endpoints }: ReturnType<typeof broker>,
  provider: string,
  home: string,
  token: string,
) {
  const env = {
    TD_PROVIDER: provider,
    TD_CONSUMER_KEY: "KEY",
    TD_CONSUMER_SECRET: "SECRET",
    TD_AUTHORIZATION_ENDPOINT: endpoints.authorizationEndpoint,
    TD_TOKEN_ENDPOINT: endpoints.tokenEndpoint,
  };
  const file = `${home}/token.txt`;
  Deno.writeTextFileSync(file, `${token}\n`, { mode: 0o600 });
  const run = (...words: string[]) => tdauth(words, { home, env });
  const { code, stderr } = await run(
    "import",
    file,
    "--format",
    "refresh-token",
  );
  assert.equal(code, 0, stderr);
  return run;
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
      interactive: true,
    }),
  );
  assert.deepEqual([it.logins, it.requests], [[], []]);
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
    const run = await imported(it, provider, home.path, "WEBSITE");
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
    const run = await imported(it, provider, home.path, "CANARY-dead");
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
