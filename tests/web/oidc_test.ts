/** Web applications that log in at a real authorization server, oidc-provider. */
import assert from "node:assert/strict";
import { approvedUrl } from "../interop/approve_at.ts";
import {
  type AuthorizationServer,
  type ServerOptions,
  startAuthorizationServer,
} from "../interop/authorization_server.ts";
import { createWebHandler, type WebHandler } from "../../mod.ts";
import { KEY, ORIGIN, Visitor } from "./visitor.ts";

interface Place extends AsyncDisposable {
  readonly server: AuthorizationServer;
  readonly web: WebHandler;
  readonly visitor: Visitor;
}

async function place(
  options: Partial<ServerOptions> = {},
  send: typeof fetch = fetch,
): Promise<Place> {
  const server = await startAuthorizationServer({
    callbackUrl: `${ORIGIN}/callback`,
    ...options,
  });
  const web = await createWebHandler({
    provider: server.issuer,
    consumerKey: "app",
    callbackUrl: `${ORIGIN}/callback`,
    cookieKeys: [KEY],
    fetch: send,
    log: () => {},
  });
  return {
    server,
    web,
    visitor: new Visitor(web),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const base64url = { alphabet: "base64url", omitPadding: true } as const;

Deno.test("createWebHandler() logs in at a real authorization server with PKCE S256, a new verifier each time (lines 10 and 11)", async () => {
  await using at = await place();
  const verifiers = new Set<string>();
  for (let round = 0; round < 2; round++) {
    const page = await at.visitor.begin();
    const asked = new URL(page).searchParams;
    assert.equal(asked.get("code_challenge_method"), "S256");
    const [cookie = ""] = [...at.visitor.cookies.values()].slice(-1);
    const back = await at.visitor.get(await approvedUrl(page));
    assert.equal(back.status, 303);
    const exchange = at.server.grants("authorization_code").at(-1);
    const verifier = String(exchange?.parameters["code_verifier"]);
    assert.match(verifier, /^[\w-]{43}$/);
    assert.ok(!page.includes(verifier) && !cookie.includes(verifier));
    const digest = await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(verifier),
    );
    assert.equal(
      asked.get("code_challenge"),
      new Uint8Array(digest).toBase64(base64url),
    );
    verifiers.add(verifier);
  }
  assert.equal(verifiers.size, 2);
  const token = await at.visitor.token();
  const me = await fetch(`${at.server.issuer}/me`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.deepEqual(await me.json(), { sub: "pat" });
});

for (
  const [what, iss] of [
    ["has another issuer", "http://127.0.0.1:9"],
    ["lacks the issuer that the metadata promises", null],
  ] as const
) {
  Deno.test(`createWebHandler() fails, and sends no code anywhere, when the redirect ${what} (line 12)`, async () => {
    await using at = await place();
    const page = await at.visitor.begin("/a");
    const answer = await at.visitor.get(await approvedUrl(page, { iss }));
    assert.equal(answer.status, 502);
    assert.match(await answer.text(), /href="\/login\?return_to=%2Fa"/);
    assert.deepEqual(at.server.grants("authorization_code"), []);
    assert.equal(await at.visitor.token(), undefined);
    assert.equal(at.visitor.cookies.size, 0);
  });
}

Deno.test("createWebHandler() exchanges no code with another login's verifier (line 11)", async () => {
  await using at = await place();
  const first = await at.visitor.begin();
  const second = await at.visitor.begin();
  const url = new URL(await approvedUrl(first));
  const state = new URL(second).searchParams.get("state") ?? "";
  url.searchParams.set("state", state); // a stolen code, injected into one's own login
  const answer = await at.visitor.get(url.href);
  assert.equal(answer.status, 502);
  assert.equal(await at.visitor.token(), undefined);
});

Deno.test("createWebHandler() starts while the issuer is down, answers 503 with Retry-After, and logs in once it is back", async () => {
  let down = true;
  await using at = await place({}, (input, init) => {
    if (down) return Promise.reject(new TypeError("connection refused"));
    return fetch(input, init);
  });
  const away = await at.visitor.get("/login?return_to=/a");
  assert.equal(away.status, 503);
  assert.equal(away.headers.get("retry-after"), "30");
  const text = await away.text();
  assert.match(text, /127\.0\.0\.1:\d+ is unavailable/);
  assert.match(text, /href="\/login\?return_to=%2Fa"/);
  assert.equal(at.visitor.cookies.size, 0);
  down = false;
  const page = await at.visitor.begin("/a");
  const copy = await approvedUrl(page);
  down = true; // the exchange itself
  assert.equal((await at.visitor.get(copy)).status, 503);
  down = false;
  const back = await at.visitor.get(
    await approvedUrl(await at.visitor.begin()),
  );
  assert.equal(back.status, 303);
  assert.notEqual(await at.visitor.token(), undefined);
});

Deno.test("createWebHandler() logs out at a real authorization server, which revokes the tokens", async () => {
  await using at = await place();
  await at.visitor.get(await approvedUrl(await at.visitor.begin()));
  const token = await at.visitor.token();
  await at.visitor.get("/logout", { method: "POST" });
  assert.ok(at.server.revoked.length > 0);
  const me = await fetch(`${at.server.issuer}/me`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await me.body?.cancel();
  assert.equal(me.status, 401);
});
