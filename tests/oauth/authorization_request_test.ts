/** What a login and a refresh send besides what every server wants. */
import assert from "node:assert/strict";
import { authorizationRequest } from "../../src/oauth/authorization_request.ts";
import { nonceOf } from "../../src/oauth/nonce.ts";
import { exchangeCode, refreshGrant } from "../../src/oauth/protocol.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { failsWith } from "../support.ts";

const ACME: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize",
  tokenEndpoint: "https://acme.example/token",
};
const APP = { consumerKey: "KEY" };
const CALLBACK = "http://localhost:8080";

async function sent(provider: Provider): Promise<URLSearchParams> {
  const { url } = await authorizationRequest(provider, APP, CALLBACK);
  return new URL(url).searchParams;
}

Deno.test("authorizationRequest() sends PKCE by S256 unless the provider forbids it", async () => {
  const parameters = await sent(ACME);
  assert.equal(parameters.get("code_challenge_method"), "S256");
  assert.match(parameters.get("code_challenge") ?? "", /^[\w-]{43}$/);
  const without = await sent({ ...ACME, pkce: false });
  assert.equal(without.has("code_challenge"), false);
});

Deno.test("authorizationRequest() sends a new nonce whenever the scope has openid, and else none", async () => {
  for (const scope of [undefined, "", "api", "openid2 xopenid"]) {
    const parameters = await sent({ ...ACME, ...(scope && { scope }) });
    assert.equal(parameters.has("nonce"), false);
  }
  const nonces = new Set<string | null>();
  for (const scope of ["openid", "email openid"]) {
    nonces.add((await sent({ ...ACME, scope })).get("nonce"));
  }
  assert.equal(nonces.size, 2);
  for (const nonce of nonces) assert.match(nonce ?? "", /^[\w-]{43}$/);
});

Deno.test("authorizationRequest() asks for the response mode that the provider says", async () => {
  assert.equal((await sent(ACME)).has("response_mode"), false);
  const parameters = await sent({ ...ACME, responseMode: "form_post" });
  assert.equal(parameters.get("response_mode"), "form_post");
});

/** Logs in where the token endpoint answers with an id_token that is made of the right nonce. */
async function exchanged(
  scope: string,
  idToken: (nonce: string) => unknown,
): Promise<unknown> {
  const provider = { ...ACME, scope };
  const request = await authorizationRequest(provider, APP, CALLBACK);
  const id_token = idToken(await nonceOf(request.state));
  return await exchangeCode(
    provider,
    APP,
    CALLBACK,
    request,
    new URLSearchParams({ code: "CODE", state: request.state }),
    {
      fetch: () =>
        Promise.resolve(Response.json({
          access_token: "A",
          refresh_token: "R",
          token_type: "Bearer",
          id_token,
        })),
    },
  );
}

function jwt(claims: unknown): string {
  const payload = btoa(JSON.stringify(claims)).replaceAll("=", "")
    .replaceAll("+", "-").replaceAll("/", "_");
  return `e30.${payload}.c2ln`;
}

Deno.test("exchangeCode() rejects an id_token with the nonce of another login", async () => {
  for (const nonce of ["another", "", 7, null]) {
    const { message } = await failsWith(
      "login_failed",
      exchanged("openid", () => jwt({ nonce })),
    );
    assert.match(message, /nonce of its id_token is from a different login/);
  }
});

Deno.test("exchangeCode() accepts the login's own nonce, none, and an id_token that it cannot read", async () => {
  await exchanged("openid", (nonce) => jwt({ nonce, name: "ÿþ?>" }));
  for (
    const other of [undefined, null, 7, "", "x.y", "a.b.c.d.e", jwt({}), jwt(7)]
  ) {
    await exchanged("openid", () => other);
  }
  // Schwab's id_token is not asked for and says nothing of this login.
  await exchanged("api", () => jwt({ nonce: "another" }));
});

Deno.test("refreshGrant() sends the refresh parameters at every refresh, and the scope where the provider says so", async () => {
  const sends = async (provider: Provider, renew: boolean) => {
    let body = new URLSearchParams();
    await refreshGrant(provider, APP, "R", renew, {
      fetch: async (input, init) => {
        body = new URLSearchParams(await new Request(input, init).text());
        return Response.json({ access_token: "A", token_type: "Bearer" });
      },
    });
    return Object.fromEntries(body);
  };
  const plain = {
    grant_type: "refresh_token",
    refresh_token: "R",
    client_id: "KEY",
  };
  const scoped = { ...ACME, scope: "a b" };
  assert.deepEqual(await sends(scoped, true), plain);
  const parameters = { audience: "x" };
  const rich: Provider = {
    ...scoped,
    scopeAtRefresh: true,
    refreshParameters: parameters,
    renewal: { parameters: { access_type: "offline" } },
  };
  const always = { ...plain, scope: "a b", audience: "x" };
  assert.deepEqual(await sends(rich, false), always);
  assert.deepEqual(await sends(rich, true), {
    ...always,
    access_type: "offline",
  });
  assert.deepEqual(
    await sends({ ...ACME, scopeAtRefresh: true }, false),
    plain,
  );
});
