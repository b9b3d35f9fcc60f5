/** Who has logged in: what of an id_token is taken, and when nothing is. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { authorizationRequest } from "../../src/oauth/authorization_request.ts";
import {
  identityIn,
  isSameUser,
  rawClaims,
  requestsIdentity,
} from "../../src/oauth/id_token.ts";
import { nonceOf } from "../../src/oauth/nonce.ts";
import { exchangeCode, refreshGrant } from "../../src/oauth/protocol.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { schwab } from "../../src/providers/schwab.ts";
import { failsWith } from "../support.ts";

const NOW = 1_700_000_000;
const ACME: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize",
  tokenEndpoint: "https://acme.example/token",
  issuer: "https://acme.example/tenant",
  scope: "openid",
};
const APP = { consumerKey: "KEY" };
const GOOD = {
  iss: "https://acme.example/tenant",
  sub: "user-1",
  aud: "KEY",
  exp: NOW + 600,
  iat: NOW,
  nonce: "N",
  email: "a@acme.example",
};

function jwt(claims: unknown): string {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  const payload = btoa(String.fromCharCode(...bytes)).replaceAll("=", "")
    .replaceAll("+", "-").replaceAll("/", "_");
  return `e30.${payload}.c2ln`;
}

function identity(
  changes: Record<string, unknown>,
  provider: Provider = ACME,
  nonce: string | undefined = "N",
) {
  return identityIn(jwt({ ...GOOD, ...changes }), {
    provider,
    app: APP,
    now: () => NOW * 1000,
    ...(nonce !== undefined && { nonce }),
  });
}

Deno.test("identityIn() takes what an id_token says of the user, and nothing of itself", () => {
  assert.deepEqual(
    identity({
      azp: "KEY",
      jti: "J",
      at_hash: "H",
      nbf: NOW,
      name: "Zoë",
      address: { country: "CH" },
      realm_access: { roles: ["admin"] },
    }),
    {
      claims: {
        iss: GOOD.iss,
        sub: "user-1",
        email: "a@acme.example",
        name: "Zoë",
        address: { country: "CH" },
        realm_access: { roles: ["admin"] },
      },
    },
  );
});

const REJECTED: readonly [string, Record<string, unknown>, RegExp][] = [
  ["without an issuer", { iss: undefined }, /another issuer/],
  ["of another issuer", { iss: "https://acme.example" }, /another issuer/],
  ["whose issuer is no text", { iss: [GOOD.iss] }, /another issuer/],
  ["without a user", { sub: undefined }, /who it is about/],
  ["with an empty user", { sub: "" }, /who it is about/],
  ["whose user is a number", { sub: 7 }, /who it is about/],
  ["whose user is endless", { sub: "x".repeat(1001) }, /who it is about/],
  ["without an audience", { aud: undefined }, /another app/],
  ["for another app", { aud: "OTHER" }, /another app/],
  ["for an app of a similar key", { aud: "KEY2" }, /another app/],
  ["for no app of a list", { aud: ["A", "B"] }, /another app/],
  ["for two apps, of which none is named", { aud: ["KEY", "B"] }, /issued to/],
  ["issued to another app", { azp: "B" }, /issued to another app/],
  ["of two apps, issued to the other", { aud: ["KEY", "B"], azp: "B" }, /to/],
  ["without an end", { exp: undefined }, /expired/],
  ["whose end is a text", { exp: `${NOW + 600}` }, /expired/],
  ["that has expired", { exp: NOW - 300 }, /expired.*clock/],
  ["without a time of issue", { iat: undefined }, /from the future/],
  ["from the future", { iat: NOW + 300 }, /from the future.*clock/],
  ["that is not valid yet", { nbf: NOW + 300 }, /from the future/],
  ["of another login", { nonce: "M" }, /name this login/],
  ["without a nonce", { nonce: undefined }, /name this login/],
];

for (const [what, changes, why] of REJECTED) {
  Deno.test(`identityIn() takes nothing from an id_token ${what}`, () => {
    const { claims, identityProblem = "" } = identity(changes);
    assert.equal(claims, undefined);
    assert.match(identityProblem, why);
  });
}

Deno.test("identityIn() allows for clocks that differ by less than five minutes", () => {
  for (const changes of [{ exp: NOW - 299 }, { iat: NOW + 299 }]) {
    assert.equal(identity(changes).claims?.sub, "user-1");
  }
});

Deno.test("identityIn() takes an id_token for several apps that was issued to this one", () => {
  const { claims } = identity({ aud: ["B", "KEY"], azp: "KEY" });
  assert.equal(claims?.sub, "user-1");
});

Deno.test("identityIn() holds the audience against the key as it is sent", () => {
  const provider = { ...ACME, consumerKeySuffix: "@AMER" };
  assert.equal(identity({ aud: "KEY@AMER" }, provider).claims?.sub, "user-1");
  assert.equal(identity({ aud: "KEY" }, provider).claims, undefined);
});

Deno.test("identityIn() takes nothing that did not come over https, loopback apart", () => {
  const at = (tokenEndpoint: string) =>
    identity({}, { ...ACME, tokenEndpoint }).identityProblem;
  assert.match(at("http://acme.example/token") ?? "", /https/);
  assert.equal(at("http://127.0.0.1:8080/token"), undefined);
});

Deno.test("identityIn() wants an unknown issuer to be on the token endpoint's own origin", () => {
  const { issuer: _, ...unknown } = ACME;
  const of = (iss: unknown) => identity({ iss }, unknown).claims?.iss;
  assert.equal(of("https://acme.example/"), "https://acme.example/");
  for (
    const iss of [
      "https://acme.example.evil.example/",
      "http://acme.example",
      "acme.example",
      "https://acme.example:444",
    ]
  ) assert.equal(of(iss), undefined, iss);
});

Deno.test("identityIn() takes the tenants of Microsoft Entra's shared metadata apart by their issuer", () => {
  const issuer = "https://login.example/{tenantid}/v2.0";
  const provider = { ...ACME, issuer };
  const iss = "https://login.example/1f4c-22/v2.0";
  assert.equal(identity({ iss }, provider).claims?.iss, iss);
  for (const other of [issuer, "https://login.example//v2.0"]) {
    assert.equal(identity({ iss: other }, provider).claims, undefined);
  }
});

Deno.test("identityIn() reads no id_token that was not asked for", () => {
  assert.deepEqual(identity({}, { ...ACME, scope: "api" }), {});
  assert.deepEqual(identity({}, schwab()), {});
  assert.equal(requestsIdentity({ ...ACME, scope: "read,openid" }), true);
});

Deno.test("identityIn() keeps who it is when the claims are too large or too deep to be stored", () => {
  const groups = Array.from({ length: 2000 }, (_, i) => `group-${i}`);
  assert.deepEqual(identity({ groups }).claims, {
    iss: GOOD.iss,
    sub: "user-1",
  });
  let deep: unknown = "end";
  for (let i = 0; i < 2000; i++) deep = [deep];
  assert.deepEqual(identity({ deep }).claims, {
    iss: GOOD.iss,
    sub: "user-1",
    email: GOOD.email,
  });
});

Deno.test("identityIn() says so when an id_token cannot be read", () => {
  for (
    const text of [
      "",
      "x",
      "a.b",
      "a.b.c.d.e",
      `${jwt(GOOD)}.encrypted.too`,
      jwt(7),
      jwt(null),
      jwt([1]),
      "e30.!!.x",
    ]
  ) {
    const expected = { provider: ACME, app: APP, now: () => NOW * 1000 };
    assert.deepEqual(identityIn(text, expected), {
      identityProblem: "it is encrypted or damaged",
    }, text);
  }
});

Deno.test("identityIn() takes claims only where every rule holds, whatever an id_token says", () => {
  const some = (...values: unknown[]) =>
    fc.oneof(
      { weight: 9, arbitrary: fc.constant(values[0]) },
      { weight: 1, arbitrary: fc.constantFrom(...values) },
      { weight: 1, arbitrary: fc.jsonValue() },
      { weight: 1, arbitrary: fc.constant(undefined) },
    );
  let taken = 0;
  fc.assert(
    fc.property(
      fc.record({
        iss: some(GOOD.iss, "https://acme.example"),
        sub: some("user-1", ""),
        aud: some("KEY", ["KEY"], ["KEY", "B"], "B"),
        azp: some(undefined, "KEY", "B"),
        exp: some(NOW + 600, NOW - 600),
        iat: some(NOW, NOW + 600),
        nonce: some("N", "M"),
      }),
      (raw) => {
        const { claims, identityProblem } = identity(raw);
        assert.equal(claims === undefined, identityProblem !== undefined);
        if (claims === undefined) return;
        taken++;
        assert.equal(raw.iss, GOOD.iss);
        assert.equal(raw.nonce, "N");
        assert.ok(raw.azp === undefined || raw.azp === "KEY");
        const audiences = [raw.aud].flat();
        assert.ok(audiences.includes("KEY"));
        assert.ok(audiences.length === 1 || raw.azp === "KEY");
        assert.ok(Number(raw.exp) > NOW - 300 && Number(raw.iat) < NOW + 300);
        assert.deepEqual(claims.sub, raw.sub);
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(taken > 100, `${taken} of 3000 were taken`);
});

Deno.test("rawClaims() throws for no text", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    rawClaims(text);
    rawClaims(`a.${text}.b`);
  }));
});

Deno.test("isSameUser() compares the issuer too: a sub is unique there alone", () => {
  const { iss, sub } = GOOD;
  assert.equal(isSameUser({ iss, sub }, { iss, sub, email: "new" }), true);
  assert.equal(isSameUser({ iss, sub }, { iss, sub: "other" }), false);
  assert.equal(isSameUser({ iss, sub }, { iss: "other", sub }), false);
});

/** Exchanges a code or refreshes where the answer has an id_token. */
function answering(idToken: unknown) {
  return {
    now: () => NOW * 1000,
    fetch: () =>
      Promise.resolve(Response.json({
        access_token: "A",
        refresh_token: "R",
        token_type: "Bearer",
        id_token: idToken,
      })),
  };
}

Deno.test("exchangeCode() takes claims only with the nonce of its own login", async () => {
  const callback = "http://localhost:8080";
  const login = async (nonce: (own: string) => unknown) => {
    const request = await authorizationRequest(ACME, APP, callback);
    const own = await nonceOf(request.state);
    return await exchangeCode(
      ACME,
      APP,
      callback,
      request,
      new URLSearchParams({ code: "CODE", state: request.state }),
      answering(jwt({ ...GOOD, nonce: nonce(own) })),
    );
  };
  assert.equal((await login((own) => own)).claims?.sub, "user-1");
  const without = await login(() => undefined);
  assert.equal(without.claims, undefined);
  assert.match(without.identityProblem ?? "", /name this login/);
  await failsWith("login_failed", login((own) => `${own}x`));
});

Deno.test("refreshGrant() takes claims without a nonce, which no refresh sends", async () => {
  const { nonce: _, ...claims } = GOOD;
  const grant = await refreshGrant(
    ACME,
    APP,
    "R",
    false,
    answering(jwt({ ...claims, email: "new@acme.example" })),
  );
  assert.equal(grant.claims?.["email"], "new@acme.example");
});
