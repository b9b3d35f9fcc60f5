/** `discover()` and what servers in the world answer at the well-known addresses. */

import { discover, TdauthError } from "@tdauth/tdauth";
import assert from "node:assert/strict";
import { shownJson } from "../../src/base/shown.ts";
import { expectedIssuer } from "../../src/oauth/issuer.ts";
import { failsWith } from "../support.ts";

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

const redirect = (location: string) =>
  new Response(null, { status: 302, headers: { location } });

const NOTHING_THERE: readonly (readonly [string, () => Response])[] = [
  ["404", () => Response.json({ error: "not_found" }, { status: 404 })],
  ["403", () => new Response("<Error/>", { status: 403 })],
  ["a web app's page for any address", html],
  [
    "a redirect to another server's login page",
    () => redirect("https://sso.example.com/login"),
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
  // Several servers support or require PKCE and do not say so (RFC 7636 §5: others ignore it).
  assert.equal(plain.pkce, undefined);
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
  assert.equal(rich.issInResponse, true);
  assert.equal(rich.scope, "openid offline_access");
  assert.deepEqual(rich.authorizationParameters, { prompt: "consent" });
  assert.equal(rich.revocationEndpoint, `${ISSUER}/revoke`);
  assert.equal(rich.clientAuthentication, "client_secret_post");
});

const AUTHENTICATION: readonly (readonly [unknown, string | undefined])[] = [
  [undefined, undefined],
  [null, undefined],
  [["none", "client_secret_post", "client_secret_basic"], undefined],
  [["none", "client_secret_post"], "client_secret_post"],
  [["private_key_jwt", "none"], "none"],
  [[], undefined],
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

const UNSUPPORTED: readonly (readonly [Record<string, unknown>, RegExp])[] = [
  [
    { require_pushed_authorization_requests: true },
    /pushed authorization requests \(PAR\)/,
  ],
  [
    { token_endpoint_auth_methods_supported: ["private_key_jwt"] },
    /only by private_key_jwt/,
  ],
  [
    {
      token_endpoint_auth_methods_supported: [
        "tls_client_auth",
        "self_signed_tls_client_auth",
      ],
    },
    /only by tls_client_auth, self_signed_tls_client_auth/,
  ],
];
for (const [changes, why] of UNSUPPORTED) {
  Deno.test(`discover() rejects a provider with ${JSON.stringify(changes)}, and says why`, async () => {
    const { message } = await failsWith(
      "invalid_options",
      discover(ISSUER, { fetch: serving({ [OIDC]: json(changes) }) }),
    );
    assert.match(message, why);
  });
}

Deno.test("discover() uses the client authentication that is chosen, announced or not", async () => {
  const provider = await discover(ISSUER, {
    clientAuthentication: "client_secret_post",
    fetch: serving({
      [OIDC]: json({
        token_endpoint_auth_methods_supported: ["private_key_jwt"],
      }),
    }),
  });
  assert.equal(provider.clientAuthentication, "client_secret_post");
});

Deno.test("discover() follows redirects to the same origin, and to no other", async () => {
  const asked: string[] = [];
  const { tokenEndpoint } = await discover(`${ISSUER}/o`, {
    fetch: serving({
      [`/o${OIDC}`]: () => redirect(`/o${OIDC}/`),
      [`/o${OIDC}/`]: json({ issuer: `${ISSUER}/o` }),
    }, asked),
  });
  assert.equal(tokenEndpoint, METADATA.token_endpoint);
  assert.deepEqual(asked, [`/o${OIDC}`, `/o${OIDC}/`]);

  const { message } = await failsWith(
    "unexpected_answer",
    discover(ISSUER, {
      fetch: serving({
        [OIDC]: () => redirect("https://login.example.org/x"),
        [RFC8414]: () => redirect(RFC8414), // without an end
      }),
    }),
  );
  assert.ok(
    message.endsWith(
      `${ISSUER}${OIDC} redirects to https://login.example.org, which is not followed (302); ` +
        `${ISSUER}${RFC8414} redirects to ${ISSUER}, which is not followed (302)`,
    ),
    message,
  );
});

for (const type of ["application/octet-stream", "text/plain", ""]) {
  Deno.test(`discover() reads metadata of the type "${type}"`, async () => {
    const { tokenEndpoint } = await discover(ISSUER, {
      fetch: serving({
        [OIDC]: () =>
          new Response(new TextEncoder().encode(JSON.stringify(METADATA)), {
            headers: type === "" ? {} : { "content-type": type },
          }),
      }),
    });
    assert.equal(tokenEndpoint, METADATA.token_endpoint);
  });
}

Deno.test("discover() names each address that it tried, and its answer", async () => {
  const { message } = await failsWith(
    "unexpected_answer",
    discover(ISSUER, {
      fetch: serving({ [RFC8414]: html }),
    }),
  );
  assert.equal(
    message,
    `Cannot use the metadata of "${ISSUER}": ${ISSUER}${OIDC} returned 404; ${ISSUER}${RFC8414} returned a web page`,
  );
});

for (
  const [issuer, named] of [
    [`${ISSUER}/o`, `${ISSUER}/o/`],
    [`${ISSUER}/o/`, `${ISSUER}/o`],
    [ISSUER, "https://id.example.org"],
  ] as const
) {
  Deno.test(`discover() shows ${issuer} and the metadata's ${named}, and suggests the latter`, async () => {
    const { message, hint } = await failsWith(
      "unexpected_answer",
      discover(issuer, {
        fetch: () => Promise.resolve(json({ issuer: named })()),
      }),
    );
    assert.ok(
      message.includes(`"${issuer}"`) && message.includes(`"${named}"`),
    );
    assert.ok(
      hint?.format(["tdauth"]).endsWith(`tdauth configure --provider ${named}`),
    );
  });
}

const ENTRA = "https://login.example.com/{tenantid}/v2.0";
for (const tenant of ["common", "9188040d-6c67-4c5b-b112-36a304b66dad"]) {
  Deno.test(`discover() takes the metadata of all of Entra's tenants for ${tenant}`, async () => {
    const issuer = ENTRA.replace("{tenantid}", tenant);
    const provider = await discover(issuer, {
      fetch: () => Promise.resolve(json({ issuer: ENTRA })()),
    });
    assert.equal(provider.issuer, ENTRA);
    const redirected = (iss: string) =>
      expectedIssuer(provider, new URLSearchParams({ iss }));
    const own = ENTRA.replace("{tenantid}", "5f0e");
    assert.equal(redirected(own), own);
    for (
      const wrong of [
        "https://login.example.com/a/b/v2.0",
        "https://login.example.com//v2.0",
        "https://login.example.com/a/v1.0",
        "https://evil.example/a/v2.0",
        "https://login.example.com/v2.0",
      ]
    ) assert.equal(redirected(wrong), ENTRA);
  });
}

for (
  const endpoint of [
    "http://127.0.0.1:8080/token",
    "https://localhost/token",
    ...["https://LOCALHOST./token", "https://id.localhost/token"],
    ...["https://127.9.9.9/token", "https://0x7f.1/token", "https://0/token"],
    ...["https://[::1]/token", "https://[::]/token"],
    ...["https://[::ffff:127.0.0.1]/token", "https://[::ffff:0:0]/token"],
    "http://login.example.com/token",
    "https://me@login.example.com/token",
    "https://:secret@login.example.com/token",
    "https://login.example.com/token#x",
    "https://login.example.com/\x1b[2Jtoken",
    "https://login.example.com/\u202etoken",
    " https://login.example.com/token",
    ...[{ href: "https://login.example.com/token" }, true, null],
    ["https://login.example.com/token"],
    7,
  ]
) {
  Deno.test(`discover() rejects the endpoint ${shownJson(JSON.stringify(endpoint))} of another machine's metadata (line 55)`, async () => {
    for (const name of ["authorization_endpoint", "token_endpoint"]) {
      const { message } = await failsWith(
        "unexpected_answer",
        discover(ISSUER, {
          fetch: serving({ [OIDC]: json({ [name]: endpoint }) }),
        }),
      );
      assert.ok(message.includes(`its ${name} is not`), message);
    }
    const { revocationEndpoint } = await discover(ISSUER, {
      fetch: serving({ [OIDC]: json({ revocation_endpoint: endpoint }) }),
    });
    assert.equal(revocationEndpoint, undefined);
  });
}

Deno.test("discover() takes endpoints on this machine from an issuer on it (line 55)", async () => {
  for (
    const issuer of [
      "http://127.0.0.1:9",
      "https://id.localhost",
      "https://[::1]",
    ]
  ) {
    const token_endpoint = `${issuer}/token`;
    const provider = await discover(issuer, {
      fetch: serving({
        [OIDC]: json({
          issuer,
          token_endpoint,
          authorization_endpoint: `${issuer}/authorize`,
        }),
      }),
    });
    assert.equal(provider.tokenEndpoint, token_endpoint);
  }
});

Deno.test("discover() asks for form_post only where nothing else is offered", async () => {
  for (
    const [modes, mode] of [
      [["form_post"], "form_post"],
      [["form_post", "query", "fragment"], undefined],
      [undefined, undefined],
    ] as const
  ) {
    const { responseMode } = await discover(ISSUER, {
      fetch: serving({ [OIDC]: json({ response_modes_supported: modes }) }),
    });
    assert.equal(responseMode, mode);
  }
});

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
    "https://:word@login.example.com",
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
