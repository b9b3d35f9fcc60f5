/** Providers as data: what JSON and arithmetic make of their numbers. */
import assert from "node:assert/strict";
import {
  authorize,
  createWebHandler,
  MemCache,
  type Provider,
  schwab,
  tdAmeritrade,
} from "../../mod.ts";
import { checkProvider } from "../../src/providers/check_provider.ts";
import { failsWith } from "../support.ts";

const provider: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "http://127.0.0.1:9/authorize",
  tokenEndpoint: "http://127.0.0.1:9/token",
};
const parameters = { access_type: "offline" };
const app = {
  consumerKey: "KEY",
  callbackUrl: "http://localhost:8000/callback",
};

/** What takes a provider as an object. */
const takers: Readonly<
  Record<string, (provider: Provider) => Promise<unknown>>
> = {
  authorize: (provider) =>
    authorize({ ...app, provider, cache: new MemCache(), interactive: false }),
  createWebHandler: (provider) =>
    createWebHandler({ ...app, provider, cookieKeys: ["k".repeat(32)] }),
};

for (const [taker, take] of Object.entries(takers)) {
  Deno.test(`${taker}() rejects a provider whose numbers are endless, negative or none, by name`, async () => {
    const wrong = [Infinity, NaN, -1, null, "60"] as unknown as number[];
    for (const value of wrong) {
      for (
        const [name, changed] of [
          ["accessTokenLifetime", { accessTokenLifetime: value }],
          ["refreshTokenLifetime", { refreshTokenLifetime: value }],
          ["renewal.within", { renewal: { parameters, within: value } }],
        ] as const
      ) {
        const error = await failsWith(
          "invalid_options",
          take({ ...provider, ...changed }),
        );
        assert.match(error.message, new RegExp(`: its ${name} is `));
        assert.match(error.hint?.format(["tdauth"]) ?? "", /omit it/);
      }
    }
  });
}

for (const [taker, take] of Object.entries(takers)) {
  Deno.test(`${taker}() rejects a provider with a user name or a password in a URL, and shows none of it (line 60)`, async () => {
    for (
      const name of [
        ...["authorizationEndpoint", "tokenEndpoint", "revocationEndpoint"],
        ...["deviceAuthorizationEndpoint", "apiOrigin"],
      ]
    ) {
      for (const who of ["user:hush", "hush", ":hush"]) {
        const { message } = await failsWith(
          "invalid_options",
          take({ ...provider, [name]: `https://${who}@acme.example/` }),
        );
        assert.match(message, new RegExp(`: its ${name} has a user name or`));
        assert.doesNotMatch(message, /hush/);
      }
    }
  });
}

Deno.test("createWebHandler() rejects a provider whose Infinity became null in JSON", async () => {
  const endless = { ...provider, renewal: { parameters, within: Infinity } };
  const error = await failsWith(
    "invalid_options",
    takers["createWebHandler"]?.(JSON.parse(JSON.stringify(endless))) ??
      Promise.resolve(),
  );
  assert.match(error.message, /renewal\.within is null/);
  assert.match(error.hint?.format(["tdauth"]) ?? "", /on every refresh/);
});

Deno.test("Provider means the same after it has been JSON, and zero is a number", () => {
  const endless = { ...provider, renewal: { parameters } };
  for (const one of [provider, endless, schwab(), tdAmeritrade()]) {
    const again: Provider = JSON.parse(JSON.stringify(one));
    assert.deepEqual(again, one);
    checkProvider({ ...again, accessTokenLifetime: 0 });
  }
});
