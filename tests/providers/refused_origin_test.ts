/** What is said of an API that a token answer names and that may not be used, by every way to tokens. */
import assert from "node:assert/strict";
import { authorize, createWebHandler, MemCache } from "../../mod.ts";
import { deviceLogin } from "../../src/login/device_login.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { reservePort } from "../support.ts";
import { KEY, ORIGIN, Visitor } from "../web/visitor.ts";

const PROVIDER: Provider = {
  id: "acme",
  name: "Acme",
  authorizationEndpoint: "https://acme.example/authorize",
  tokenEndpoint: "https://acme.example/token",
  deviceAuthorizationEndpoint: "https://acme.example/device",
  apiOriginFrom: { api_server: "acme.example" },
};
const SAID =
  'error Acme named "https://evil.example/" as its API, which is not https at acme.example; no token is sent there';

/** A provider whose answers name another's server, and the log of what is said of it. */
function edges() {
  const said: string[] = [];
  return {
    said,
    log: (level: string, text: string) => void said.push(`${level} ${text}`),
    fetch: (input: string | URL | Request) =>
      Promise.resolve(Response.json(
        String(input).endsWith("/device")
          ? {
            device_code: "DEVICE",
            user_code: "CODE",
            verification_uri: "https://acme.example/enter",
            expires_in: 600,
          }
          : {
            access_token: "CANARY-ACCESS",
            token_type: "Bearer",
            refresh_token: "CANARY-REFRESH",
            expires_in: 900,
            api_server: "https://evil.example/",
          },
      )),
  };
}

Deno.test("authorize() logs an API that it refuses, at the login and at a refresh", async () => {
  const { said, ...at } = edges();
  using reserved = reservePort();
  const td = await authorize({
    ...at,
    provider: PROVIDER,
    consumerKey: "KEY",
    callbackUrl: `http://127.0.0.1:${reserved.port}`,
    configDir: "/nonexistent",
    cache: new MemCache(),
    openUrl: async (url) => {
      const { searchParams } = new URL(url);
      const back = new URL(searchParams.get("redirect_uri") ?? "");
      back.searchParams.set("state", searchParams.get("state") ?? "");
      back.searchParams.set("code", "CODE");
      await (await fetch(back)).body?.cancel();
    },
  });
  const times = () => said.filter((line) => line === SAID).length;
  assert.equal(times(), 1);
  await td.refresh();
  assert.equal(times(), 2);
});

Deno.test("deviceLogin() logs an API that it refuses", async () => {
  const { said, ...at } = edges();
  await deviceLogin({
    ...at,
    provider: PROVIDER,
    app: { consumerKey: "KEY" },
    loginTimeout: 300,
    store: () => Promise.resolve(),
    onEvent: () => {},
    now: Date.now,
    sleep: () => Promise.resolve(),
    after: () => () => {},
  });
  assert.deepEqual(said, [SAID]);
});

Deno.test("createWebHandler() logs an API that it refuses", async () => {
  const { said, ...at } = edges();
  const web = await createWebHandler({
    ...at,
    provider: PROVIDER,
    consumerKey: "KEY",
    callbackUrl: `${ORIGIN}/callback`,
    cookieKeys: [KEY],
  });
  const visitor = new Visitor(web);
  const state = new URL(await visitor.begin()).searchParams.get("state");
  const back = await visitor.get(`/callback?code=CODE&state=${state}`);
  assert.equal(back.status, 303);
  assert.deepEqual(said, [SAID]);
});
