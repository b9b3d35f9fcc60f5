/** `discover()` and what servers in the world answer at the well-known addresses. */

import { discover, TdauthError } from "@tdauth/tdauth";
import assert from "node:assert/strict";

const ISSUER = "https://login.example.com";
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
};

/** A `fetch` that answers each path with what the table says, else with 404. */
function serving(
  answers: Readonly<Record<string, () => Response>>,
  asked: string[] = [],
): typeof fetch {
  return (input, init) => {
    const { pathname } = new URL(String(input));
    asked.push(pathname);
    assert.equal(init?.redirect, "manual");
    return Promise.resolve(
      answers[pathname]?.() ?? new Response(null, { status: 404 }),
    );
  };
}

const OIDC = "/.well-known/openid-configuration";
const RFC8414 = "/.well-known/oauth-authorization-server";
const json = (changes: Record<string, unknown> = {}) => () =>
  Response.json({ ...METADATA, ...changes });
const html = () =>
  new Response("<!DOCTYPE html>", { headers: { "content-type": "text/html" } });

const NOTHING_THERE: readonly (readonly [string, () => Response])[] = [
  ["404", () => Response.json({ error: "not_found" }, { status: 404 })],
  ["403", () => new Response("<Error/>", { status: 403 })],
  ["a web app's page for any address", html],
  [
    "a redirect to its login page",
    () => new Response(null, { status: 302, headers: { location: "/login" } }),
  ],
];
for (const [what, answer] of NOTHING_THERE) {
  Deno.test(`discover() tries RFC 8414 where OpenID's address has ${what}`, async () => {
    const asked: string[] = [];
    const provider = await discover(ISSUER, {
      fetch: serving({ [OIDC]: answer, [RFC8414]: json() }, asked),
    });
    assert.deepEqual(asked, [OIDC, RFC8414]);
    assert.equal(provider.tokenEndpoint, METADATA.token_endpoint);
  });
}

Deno.test("discover() requests only what the metadata offers", async () => {
  const plain = await discover(ISSUER, { fetch: serving({ [OIDC]: json() }) });
  assert.equal(plain.pkce, false);
  assert.equal(plain.issInResponse, false);
  assert.equal(plain.scope, undefined);
  assert.equal(plain.authorizationParameters, undefined);
  assert.equal(plain.revocationEndpoint, undefined);

  const rich = await discover(ISSUER, {
    fetch: serving({
      [OIDC]: json({
        code_challenge_methods_supported: ["plain", "S256"],
        authorization_response_iss_parameter_supported: true,
        scopes_supported: ["email", "offline_access", "openid"],
        revocation_endpoint: `${ISSUER}/revoke`,
        token_endpoint_auth_methods_supported: ["client_secret_post"],
      }),
    }),
  });
  assert.equal(rich.pkce, true);
  assert.equal(rich.issInResponse, true);
  assert.equal(rich.scope, "openid offline_access");
  assert.deepEqual(rich.authorizationParameters, { prompt: "consent" });
  assert.equal(rich.revocationEndpoint, `${ISSUER}/revoke`);
  assert.equal(rich.clientAuthentication, "client_secret_post");

  const { pkce } = await discover(ISSUER, {
    fetch: serving({
      [OIDC]: json({ code_challenge_methods_supported: ["plain"] }),
    }),
  });
  assert.equal(pkce, false, "plain is never used");
});

const AUTHENTICATION: readonly (readonly [unknown, string | undefined])[] = [
  [undefined, undefined],
  [null, undefined],
  [["none", "client_secret_post", "client_secret_basic"], undefined],
  [["none", "client_secret_post"], "client_secret_post"],
  [["private_key_jwt", "none"], "none"],
  [["private_key_jwt"], undefined],
];
for (const [offered, way] of AUTHENTICATION) {
  Deno.test(`discover() makes ${way ?? "the default"} of the client authentications ${JSON.stringify(offered)}`, async () => {
    const provider = await discover(ISSUER, {
      fetch: serving({
        [OIDC]: json({ token_endpoint_auth_methods_supported: offered }),
      }),
    });
    assert.equal(provider.clientAuthentication, way);
  });
}

const REFUSED: readonly (readonly [string, string, () => Response])[] = [
  ["no metadata anywhere", "unexpected_answer", html],
  [
    "metadata that is not JSON",
    "unexpected_answer",
    () =>
      new Response("{", { headers: { "content-type": "application/json" } }),
  ],
  [
    "metadata without an end",
    "unexpected_answer",
    () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        }),
        { headers: { "content-type": "application/json" } },
      ),
  ],
  [
    "metadata that is cut",
    "broker_unavailable",
    () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.error(new TypeError("reset")),
        }),
        { headers: { "content-type": "application/json" } },
      ),
  ],
  ["metadata without an issuer", "unexpected_answer", json({ issuer: null })],
  [
    "metadata of a longer issuer",
    "unexpected_answer",
    json({
      issuer: `${ISSUER}/x`,
    }),
  ],
  [
    "metadata without a token endpoint",
    "unexpected_answer",
    json({
      token_endpoint: undefined,
    }),
  ],
  [
    "an endpoint that is a script",
    "unexpected_answer",
    json({
      authorization_endpoint: "javascript:alert(1)",
    }),
  ],
  [
    "a server in trouble",
    "broker_unavailable",
    () => new Response(null, { status: 503 }),
  ],
  [
    "a server that asks for patience",
    "broker_unavailable",
    () => new Response(null, { status: 429 }),
  ],
];
for (const [what, code, answer] of REFUSED) {
  Deno.test(`discover() fails with ${code} for ${what}`, async () => {
    await assert.rejects(
      discover(ISSUER, {
        fetch: serving({ [OIDC]: answer, [RFC8414]: answer }),
      }),
      (error) => error instanceof TdauthError && error.code === code,
    );
  });
}

for (
  const issuer of [
    "http://login.example.com",
    "http://127.0.0.1.example.com",
    "ftp://login.example.com",
    "https://login.example.com/?tenant=1",
    "https://login.example.com/#x",
    "https://pat@login.example.com",
    "login.example.com",
  ]
) {
  Deno.test(`discover() rejects ${issuer} before anything is sent`, async () => {
    const asked: string[] = [];
    await assert.rejects(
      discover(issuer, { fetch: serving({}, asked) }),
      (error) =>
        error instanceof TdauthError && error.code === "invalid_options",
    );
    assert.deepEqual(asked, []);
  });
}
