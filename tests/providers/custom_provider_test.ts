/** Providers that settings describe: composed, named, kept apart, and refused. */
import assert from "node:assert/strict";
import { prepare } from "../../src/client/context.ts";
import { configuredProvider } from "../../src/client/configured_provider.ts";
import { providerByName } from "../../src/client/selected_provider.ts";
import { authorizationRequest } from "../../src/oauth/authorization_request.ts";
import {
  createWebHandler,
  type Provider,
  schwab,
  TdauthError,
} from "../../mod.ts";
import { settingRow } from "../../src/settings/setting_table.ts";
import { resolveSettings } from "../../src/settings/settings.ts";
import { failsWith, temporaryDirectory } from "../support.ts";

const ENDPOINTS = {
  authorizationEndpoint: "https://login.acme.example/authorize",
  tokenEndpoint: "https://login.acme.example/token",
};

Deno.test("providerByName() makes a provider of what settings say of it, without a request", () => {
  const { known, key, id, name, preset } = providerByName({
    provider: "acme",
    ...ENDPOINTS,
    revocationEndpoint: "https://login.acme.example/revoke",
    apiOrigin: "https://api.acme.example",
    providerName: "Acme Securities",
    clientAuthentication: "client_secret_post",
    pkce: false,
    issInResponse: true,
    responseMode: "form_post",
    scope: "trade",
    authorizationParameters: { access_type: "offline", prompt: "" },
    exchangeParameters: { a: "b" },
    refreshParameters: { audience: "x" },
    scopeAtRefresh: true,
    renewalParameters: { c: "d" },
    renewalWithin: 60,
    consumerKeySuffix: "@X",
    accessTokenLifetime: 1,
    refreshTokens: "always",
    refreshTokenLifetime: 2,
    refreshTokenLifetimeFrom: "login",
    rotatesRefreshToken: false,
    loginEndsOthers: true,
    loginNeededErrors: { invalid_client: "refresh token", dead: "" },
    httpsCallbackOnly: true,
  });
  assert.deepEqual([key, id, name, preset], [
    "acme",
    "acme@login.acme.example",
    "Acme Securities",
    undefined,
  ]);
  const expected: Provider = {
    id: "acme@login.acme.example",
    name: "Acme Securities",
    ...ENDPOINTS,
    revocationEndpoint: "https://login.acme.example/revoke",
    apiOrigin: "https://api.acme.example",
    clientAuthentication: "client_secret_post",
    pkce: false,
    issInResponse: true,
    responseMode: "form_post",
    scope: "trade",
    authorizationParameters: { access_type: "offline" },
    exchangeParameters: { a: "b" },
    refreshParameters: { audience: "x" },
    scopeAtRefresh: true,
    renewal: { parameters: { c: "d" }, within: 60 },
    consumerKeySuffix: "@X",
    accessTokenLifetime: 1,
    refreshTokens: "always",
    refreshTokenLifetime: 2,
    refreshTokenLifetimeFrom: "login",
    rotatesRefreshToken: false,
    loginEndsOthers: true,
    loginNeededErrors: [
      { error: "invalid_client", description: "refresh token" },
      { error: "dead" },
    ],
    httpsCallbackOnly: true,
  };
  assert.deepEqual(known, expected);
});

Deno.test("providerByName() changes a preset and the metadata of an issuer as settings say", async () => {
  const { known, id } = providerByName({
    provider: "schwab",
    pkce: true,
    authorizationParameters: { a: "b" },
  });
  assert.equal(id, "schwab");
  assert.deepEqual(known, {
    ...schwab(),
    pkce: true,
    authorizationParameters: { a: "b" },
  });
  const issuer = "https://login.example.com";
  const asked: string[] = [];
  const discovered = providerByName({
    provider: issuer,
    scope: "openid offline_access",
    apiOrigin: "https://api.example.com",
    authorizationParameters: { audience: "x" },
  }, (url) => {
    asked.push(String(url));
    return Promise.resolve(Response.json({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      response_types_supported: ["code"],
    }));
  });
  assert.equal(discovered.known, undefined);
  const { apiOrigin, authorizationParameters } = await discovered.get();
  assert.equal(apiOrigin, "https://api.example.com");
  assert.deepEqual(authorizationParameters, {
    prompt: "consent",
    audience: "x",
  });
  assert.equal(asked.length, 1);
});

Deno.test("providerByName() uses a practice broker's endpoints, whatever the settings say", () => {
  const sandbox = "http://127.0.0.1:4280";
  const { known, id } = providerByName({
    provider: "schwab",
    sandbox,
    ...ENDPOINTS,
    apiOrigin: "https://api.acme.example",
  });
  assert.equal(id, "schwab@127.0.0.1:4280");
  assert.deepEqual(known, schwab({ origin: sandbox }));
});

const NAMES: readonly (readonly [string | undefined, string, string])[] = [
  ["acme", "acme", "acme@login.acme.example"],
  [undefined, "login.acme.example", "login.acme.example"],
  ["login.acme.example", "login.acme.example", "login.acme.example"],
  ["schwab", "schwab", "schwab@login.acme.example"],
  [
    "https://acme.example",
    "https://acme.example",
    "https://acme.example@login.acme.example",
  ],
];
for (const [provider, key, id] of NAMES) {
  Deno.test(`configuredProvider() binds the tokens of ${provider ?? "no name"} to the token endpoint's host`, () => {
    const settings = { ...ENDPOINTS, ...(provider && { provider }) };
    const named = configuredProvider(settings);
    assert.ok(typeof named === "object");
    assert.deepEqual([named.key, named.id], [key, id]);
    const other = configuredProvider({
      ...settings,
      tokenEndpoint: "https://other.example/token",
    });
    assert.ok(typeof other === "object");
    assert.notEqual(other.id, id);
  });
}

Deno.test("providerByName() names what a provider of the user's own lacks", () => {
  for (const [name, endpoint] of Object.entries(ENDPOINTS)) {
    assert.throws(
      () => providerByName({ provider: "acme", [name]: endpoint }),
      /Cannot use "acme" as the provider: it needs both/,
    );
  }
  assert.throws(
    () => providerByName({ provider: "acme" }),
    (error) =>
      error instanceof TdauthError &&
      /--token-endpoint/.test(`${error.hint}`),
  );
});

const FIELDS = [
  "authorizationParameters",
  "exchangeParameters",
  "refreshParameters",
  "renewalParameters",
] as const;
for (const field of FIELDS) {
  const { reserved = [], variable } = settingRow(field);
  Deno.test(`prepare() rejects ${field} that the protocol sets itself, in settings and in an object`, async () => {
    assert.ok(reserved.length >= 5);
    await using directory = temporaryDirectory();
    const app = {
      consumerKey: "KEY",
      callbackUrl: "http://localhost:1",
      configDir: directory.path,
    };
    const where = { env: () => undefined, dotenv: () => ({}) };
    for (const name of reserved) {
      const parameters = { [field]: { other: "x", [name]: "known" } };
      const said = await failsWith(
        "invalid_options",
        prepare(
          { ...app, provider: "acme", ...ENDPOINTS, ...parameters },
          where,
        ),
      );
      assert.ok(
        said.message.includes(
          `(${variable}): the protocol sets ${name} itself`,
        ),
      );
      if (field === "renewalParameters") continue;
      const provider = { id: "a", name: "A", ...ENDPOINTS, ...parameters };
      const { message } = await failsWith(
        "invalid_options",
        prepare({ ...app, provider }, where),
      );
      assert.ok(message.includes(`its ${field} set ${name}`));
    }
  });
}

Deno.test("authorizationRequest() keeps its own parameters, whatever the provider says", async () => {
  const { url, state } = await authorizationRequest(
    {
      id: "a",
      name: "A",
      ...ENDPOINTS,
      authorizationParameters: { state: "known", response_type: "token" },
    },
    { consumerKey: "KEY" },
    "http://localhost:1",
  );
  const sent = new URL(url).searchParams;
  assert.equal(sent.get("state"), state);
  assert.equal(sent.get("response_type"), "code");
});

Deno.test("resolveSettings() applies a profile's settings of a provider to that provider alone", async () => {
  await using directory = temporaryDirectory();
  const configDir = directory.path;
  Deno.writeTextFileSync(
    `${configDir}/config.json`,
    JSON.stringify({
      profiles: {
        default: { provider: "acme", consumerKey: "KEY", ...ENDPOINTS },
      },
    }),
  );
  const found = (given: Record<string, string>) =>
    resolveSettings({
      given: { configDir, ...given },
      env: () => undefined,
      dotenv: () => ({}),
    });
  const own = await found({});
  assert.equal(own.tokenEndpoint, ENDPOINTS.tokenEndpoint);
  assert.equal(
    (await found({ provider: "ACME" })).sources.tokenEndpoint,
    "config.json",
  );
  const other = await found({ provider: "schwab" });
  assert.equal(other.tokenEndpoint, undefined);
  assert.equal(other.consumerKey, "KEY");
});

Deno.test("prepare() changes an object by options of the same call, not by the profile's", async () => {
  await using directory = temporaryDirectory();
  const configDir = directory.path;
  Deno.writeTextFileSync(
    `${configDir}/config.json`,
    JSON.stringify({
      profiles: { default: { provider: "acme", ...ENDPOINTS, pkce: "False" } },
    }),
  );
  const provider: Provider = {
    id: "other",
    name: "Other",
    authorizationEndpoint: "https://other.example/authorize",
    tokenEndpoint: "https://other.example/token",
  };
  const { provider: selected } = await prepare({
    provider,
    consumerKey: "KEY",
    callbackUrl: "http://localhost:1",
    configDir,
    authorizationParameters: { audience: "a b" },
  }, {
    env: (name) => name === "TD_API_ORIGIN" ? "https://a.example" : undefined,
    dotenv: () => ({}),
  });
  assert.deepEqual(await selected.get(), {
    ...provider,
    authorizationParameters: { audience: "a b" },
  });
});

Deno.test("createWebHandler() refuses a provider that posts its redirects, known or discovered, for no cookie comes with them", async () => {
  const logged: string[] = [];
  const app = {
    consumerKey: "KEY",
    callbackUrl: "http://localhost:8000/callback",
    cookieKeys: ["k".repeat(32)],
    log: (_: unknown, message: string) => void logged.push(message),
  };
  const { message } = await failsWith(
    "invalid_options",
    createWebHandler({
      ...app,
      provider: { id: "a", name: "A", ...ENDPOINTS, responseMode: "form_post" },
    }),
  );
  assert.match(message, /form_post/);
  const issuer = "https://login.example.com";
  const web = await createWebHandler({
    ...app,
    provider: issuer,
    fetch: () =>
      Promise.resolve(Response.json({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        response_modes_supported: ["form_post"],
      })),
  });
  const page = await web(
    new Request("http://localhost:8000/login", {
      headers: { host: "localhost:8000" },
    }),
  );
  assert.equal(page.headers.get("location"), null);
  await page.body?.cancel();
  assert.match(logged.join("\n"), /form_post/);
});
