/** Questrade names its API with each token: where requests go then, and where never. */
import assert from "node:assert/strict";
import {
  AccessToken,
  DiskCache,
  formatTokens,
  parseTokens,
  questrade,
  RefreshToken,
  tastytrade,
} from "../../mod.ts";
import { apiOriginOf } from "../../src/providers/api_origin.ts";
import { loadOld } from "../golden/old.ts";
import { failsWith, temporaryDirectory } from "../support.ts";
import { broker, login } from "./playing_broker.ts";

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
