/** What an issuer says of itself may be any JSON, and any text: a provider whose endpoints may be used, or an error (line 55). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { discover, TdauthError } from "../../mod.ts";
import { checkProvider } from "../../src/providers/check_provider.ts";
import { shown } from "../../src/base/shown.ts";
import { damages, runs } from "./fuzz.ts";

const ISSUER = "https://login.example.com";
const VALID = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  revocation_endpoint: `${ISSUER}/revoke`,
  device_authorization_endpoint: `${ISSUER}/device`,
  scopes_supported: ["openid", "offline_access"],
  response_modes_supported: ["query"],
  token_endpoint_auth_methods_supported: ["client_secret_basic", "none"],
  authorization_response_iss_parameter_supported: true,
};
const SPELT = [
  ...["http", "https", "HTTPS", "ftp", "javascript", "data", "file", ""],
] as const;
const HOSTS = [
  ...["login.example.com", "localhost", "LOCALHOST.", "a.localhost", "0"],
  ...["127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::]"],
  ...[
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "0.0.0.0",
    "evil.example",
  ],
  ...[
    "lo\u0441alhost",
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
  ],
] as const;
/** URLs as people write them to get past a check. */
const url = fc.tuple(
  fc.constantFrom(...SPELT),
  fc.constantFrom("://", ":", ":/", ":\\\\", "//"),
  fc.constantFrom("", "user@", "user:CANARY@", ":@", "@"),
  fc.constantFrom(...HOSTS),
  fc.constantFrom("", ":443", ":1", ":99999"),
  fc.constantFrom(
    "",
    "/token",
    "/?a=b",
    "#",
    "#x",
    "\\",
    "/\x1b[2J",
    "/\u202e",
  ),
).map((parts) => parts.join(""));
const anything = fc.oneof(
  url,
  fc.constantFrom<unknown>(null, true, 0, -1, 1e300, "", [], {}, [ISSUER]),
  fc.string({ unit: "binary" }),
  fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue())),
  fc.jsonValue(),
);
const keys = fc.constantFrom(
  ...Object.keys(VALID),
  ...[
    "__proto__",
    "constructor",
    "toString",
    "require_pushed_authorization_requests",
  ],
);
const wild = fc.array(fc.tuple(keys, anything), { minLength: 1, maxLength: 4 })
  .map((changes) => {
    const metadata: Record<string, unknown> = { ...VALID };
    for (const [key, value] of changes) {
      Object.defineProperty(metadata, key, {
        value,
        enumerable: true,
        configurable: true,
      });
    }
    return JSON.stringify(metadata);
  });
const text = fc.oneof(
  { weight: 6, arbitrary: wild.map((json) => new TextEncoder().encode(json)) },
  ...damages(new TextEncoder().encode(JSON.stringify(VALID))),
  fc.json().map((json) => new TextEncoder().encode(json)),
  fc.uint8Array({ maxLength: 300 }),
  fc.constantFrom("[".repeat(300_000), `{"issuer":`.repeat(50_000), "\ufeff{}")
    .map((one) => new TextEncoder().encode(one)),
);

/** Whether a URL's host is this machine, by another list than the code's. */
function isHere(url: string): boolean {
  const { hostname } = new URL(url);
  return /(^|\.)localhost\.?$/.test(hostname) || /^(127|0)\./.test(hostname) ||
    /^\[::(1|ffff:7f|ffff:0:)?/.test(hostname) &&
      !/^\[::[2-9a-e]/.test(hostname);
}

Deno.test("discover() turns any metadata into a provider whose endpoints may be used, or a TdauthError (line 55)", async () => {
  const seen = { providers: 0, unexpected: 0, others: 0 };
  await fc.assert(
    fc.asyncProperty(
      text,
      fc.constantFrom(200, 200, 200, 200, 404, 302, 503),
      async (body, status) => {
        const found = await discover(ISSUER, {
          fetch: () =>
            Promise.resolve(
              new Response(new Uint8Array(body), {
                status,
                headers: {
                  "content-type": "application/json",
                  location: "http://127.0.0.1/\x7f",
                },
              }),
            ),
        }).catch((error) => error);
        if (found instanceof Error) {
          assert.ok(found instanceof TdauthError, Deno.inspect(found));
          assert.match(
            found.code,
            /^(unexpected_answer|broker_unavailable|invalid_options)$/,
          );
          const told = `${found.message} ${found.hint} ${found.stack}`;
          assert.equal(told, shown(told));
          if (found.code === "unexpected_answer") seen.unexpected++;
          else seen.others++;
          return;
        }
        seen.providers++;
        checkProvider(found);
        assert.equal(found.apiOrigin, ISSUER);
        for (
          const endpoint of [
            found.authorizationEndpoint,
            found.tokenEndpoint,
            found.revocationEndpoint,
            found.deviceAuthorizationEndpoint,
          ]
        ) {
          if (endpoint === undefined) continue;
          assert.equal(typeof endpoint, "string");
          const { protocol, username, password, hash } = new URL(endpoint);
          assert.deepEqual(
            [protocol, username, password, hash],
            ["https:", "", "", ""],
          );
          assert.ok(!isHere(endpoint), endpoint);
          assert.doesNotMatch(endpoint, /[\s\p{C}]/u);
        }
        assert.match(typeof found.scope, /^(string|undefined)$/);
      },
    ),
    runs(3000),
  );
  const { providers, unexpected, others } = seen;
  assert.ok(
    providers > 200 && unexpected > 200 && others > 50,
    JSON.stringify(seen),
  );
});
