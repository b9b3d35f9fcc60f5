import assert from "node:assert/strict";
import type { TdauthError } from "../../mod.ts";
import {
  authorizationRequest,
  exchangeCode,
} from "../../src/oauth/protocol.ts";
import { Hint } from "../../src/base/hint.ts";
import { scopeHint } from "../../src/oauth/scope_hint.ts";
import { failsWith } from "../support.ts";

/** The scope that was requested, what the server says, and the scope to try. */
const CASES: readonly (readonly [string | undefined, string, string])[] = [
  ["openid offline_access", "", "openid"],
  [
    "openid offline_access api",
    "requested scope is not allowed",
    "'openid api'",
  ],
  [
    "openid https://a.example/x offline_access",
    "Some requested scopes were invalid. {invalid=[https://a.example/x]}",
    "'openid offline_access'",
  ],
  ["openid email", 'unsupported "email"', "openid"],
  ["openid email", "", "SCOPE"],
  ["offline_access", "", "SCOPE"],
  ["email", "email is not known", "SCOPE"],
  [undefined, "a scope is required", "SCOPE"],
];
for (const [scope, description, tried] of CASES) {
  Deno.test(`scopeHint() suggests ${tried} where "${scope}" was refused with "${description}"`, () => {
    const hint = new Hint(scopeHint({ ...(scope && { scope }) }, description));
    assert.ok(
      hint.format(["tdauth"]).endsWith(`tdauth login --scope ${tried}`),
      `${hint}`,
    );
  });
}

Deno.test("exchangeCode() suggests another scope, whether the redirect or the token endpoint refuses it", async () => {
  const provider = {
    id: "acme",
    name: "Acme",
    authorizationEndpoint: "https://acme.example/authorize",
    tokenEndpoint: "https://acme.example/token",
    scope: "openid offline_access",
  };
  const app = { consumerKey: "KEY" };
  const callbackUrl = "http://localhost:8080";
  const failed = async (
    redirect: Record<string, string>,
  ): Promise<TdauthError> => {
    const request = await authorizationRequest(provider, app, callbackUrl);
    return await failsWith(
      "login_failed",
      exchangeCode(
        provider,
        app,
        callbackUrl,
        request,
        new URLSearchParams({ ...redirect, state: request.state }),
        {
          fetch: () =>
            Promise.resolve(
              Response.json({ error: "invalid_scope" }, { status: 400 }),
            ),
        },
      ),
    );
  };
  for (const redirect of [{ error: "invalid_scope" }, { code: "CODE" }]) {
    const { message, hint } = await failed(redirect);
    assert.match(message, /invalid_scope/);
    assert.match(`${hint}`, /login --scope openid$/);
  }
});
