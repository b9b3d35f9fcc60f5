/** `authorize()` in this process against oidc-provider, whose reuse detection is the oracle. */

import {
  authorize,
  type AuthorizeOptions,
  type Provider,
  TdauthError,
} from "@tdauth/tdauth";
import assert from "node:assert/strict";
import { reservePort, temporaryDirectory } from "../support.ts";
import { UnderWay } from "../under_way.ts";
import { approveAt } from "./approve_at.ts";
import {
  type AuthorizationServer,
  type ServerOptions,
  startAuthorizationServer,
} from "./authorization_server.ts";

/** An hour and a second: what an access token of the server does not live. */
const LATER = 3601_000;

/** A server and what `authorize()` needs to log in to it. */
interface Place extends AsyncDisposable {
  readonly server: AuthorizationServer;
  readonly options: AuthorizeOptions;
  /** How often a browser was opened. */
  readonly opened: number;
}

async function place(server: Partial<ServerOptions> = {}): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const configDir = stack.use(temporaryDirectory()).path;
  const callbackUrl = `http://localhost:${stack.use(reservePort()).port}/cb`;
  const started = stack.use(
    await startAuthorizationServer({ callbackUrl, ...server }),
  );
  const all = stack.move();
  let opened = 0;
  return {
    server: started,
    get opened() {
      return opened;
    },
    options: {
      provider: started.issuer,
      consumerKey: server.clientId ?? "app",
      ...(server.clientSecret !== undefined &&
        { consumerSecret: server.clientSecret }),
      callbackUrl,
      configDir,
      loginTimeout: 20,
      openUrl: async (url) => {
        opened++;
        await approveAt(url);
      },
      log: () => {},
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Whether the server takes an access token. */
async function works(
  server: AuthorizationServer,
  token: string,
): Promise<boolean> {
  const { status, body } = await fetch(`${server.issuer}/me`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await body?.cancel();
  return status === 200;
}

const EVERY = String.fromCharCode(
  ...Array.from({ length: 0x7e - 0x20 }, (_, i) => 0x21 + i),
);
const CLIENTS: readonly (readonly [string, Partial<ServerOptions>])[] = [
  ["public client", {}],
  ["client with a secret of every ASCII sign in Basic, percent-encoded", {
    clientId: "an app:1/2+3%41&x",
    clientSecret: ` ${EVERY} `.trim() + " " + EVERY,
    clientAuthentication: "client_secret_basic",
  }],
  ["client with a secret of every ASCII sign in the body", {
    clientId: "an app:1/2+3%41&x",
    clientSecret: EVERY,
    clientAuthentication: "client_secret_post",
  }],
];
for (const [what, server] of CLIENTS) {
  Deno.test(`authorize() logs in, refreshes and logs out as a ${what}`, async () => {
    await using at = await place(server);
    const td = await authorize(at.options);
    assert.ok(await works(at.server, await td.token()));
    const before = String(td.accessToken);
    await td.refresh();
    assert.notEqual(String(td.accessToken), before);
    await td.logout();
    assert.equal(at.server.revoked.length, 1);
    assert.equal(td.refreshToken.token, undefined);

    const sent = at.server.requests.filter(({ path }) =>
      path.startsWith("/token")
    );
    assert.equal(sent.length, 4); // exchange, refresh, two revocations
    const way = server.clientAuthentication ?? "none";
    for (const { authorization, parameters } of sent) {
      assert.equal(
        authorization?.startsWith("Basic ") === true,
        way === "client_secret_basic",
      );
      assert.equal(
        parameters["client_secret"],
        way === "client_secret_post" ? server.clientSecret : undefined,
      );
    }
  });
}

Deno.test("authorize() asks for openid and offline_access by itself and gets a refresh token", async () => {
  await using at = await place();
  const td = await authorize(at.options);
  assert.equal(td.scope, "openid offline_access");
  assert.notEqual(td.refreshToken.token, undefined);
  assert.equal(td.refreshToken.valid, true);
  assert.equal(td.accessToken.expiresIn, 3600);
});

Deno.test("authorize() called ten times concurrently with an expired access token sends one refresh, and all ten tokens work", async () => {
  await using at = await place();
  await authorize(at.options);
  const now = () => Date.now() + LATER;
  const calls = new UnderWay();
  const all = await calls.all(
    10,
    () => authorize({ ...at.options, now, fetch: calls.fetch }),
  );
  assert.deepEqual(calls.atAnswers, [10]);
  assert.equal(at.server.grants("refresh_token").length, 1);
  assert.deepEqual(at.server.revoked, []);
  assert.equal(new Set(all.map((td) => String(td.accessToken))).size, 1);
  for (const td of all) {
    assert.ok(await works(at.server, String(td.accessToken)));
  }
  assert.equal(at.opened, 1);
});

for (const storeTokens of [true, false]) {
  const where = storeTokens ? "on disk" : "in memory";
  Deno.test(`Authorization.token() called ten times concurrently sends one refresh, with tokens ${where}`, async () => {
    await using at = await place();
    let now = Date.now();
    const calls = new UnderWay();
    const { fetch } = calls;
    const options = { ...at.options, storeTokens, now: () => now, fetch };
    const td = await authorize(options);
    const other = await authorize(options);
    now += LATER;
    const tokens = await calls.all(10, (i) => (i % 2 ? td : other).token());
    assert.deepEqual(calls.atAnswers, [0, 10]); // the login, and one for all
    assert.equal(at.server.grants("refresh_token").length, 1);
    assert.deepEqual(at.server.revoked, []);
    assert.equal(new Set(tokens).size, 1);
    assert.ok(await works(at.server, String(tokens[0])));

    now += LATER; // the rotated refresh token is the one that goes on
    assert.ok(await works(at.server, await other.token()));
    assert.equal(at.server.grants("refresh_token").length, 2);
    assert.deepEqual(at.server.revoked, []);
  });
}

Deno.test("Authorization.fetch() called ten times concurrently with a revoked token sends one refresh", async () => {
  await using at = await place();
  const calls = new UnderWay();
  const td = await authorize({ ...at.options, fetch: calls.fetch });
  await at.server.destroyAccessToken(String(td.accessToken));
  const statuses = await calls.all(10, async () => {
    const response = await td.fetch("/me");
    await response.body?.cancel();
    return response.status;
  });
  assert.deepEqual(calls.atAnswers, [0, 10]); // the login, and one for all
  assert.deepEqual(statuses, Array(10).fill(200));
  assert.equal(at.server.grants("refresh_token").length, 1);
  assert.deepEqual(at.server.revoked, []);
});

Deno.test("authorize() writes the rotated refresh token to the disk, and the old one is dead", async () => {
  await using at = await place();
  const { refreshToken: old, loginTime } = await authorize(at.options);
  const now = () => Date.now() + LATER;
  const { refreshToken: rotated } = await authorize({ ...at.options, now });
  assert.notEqual(rotated.token, old.token);
  const file = JSON.parse(
    Deno.readTextFileSync(`${at.options.configDir}/app`),
  );
  assert.equal(file.refresh_token.token, rotated.token);
  assert.equal(file.login_time, loginTime);

  assert.equal(await at.server.tryRefresh(String(old.token)), 400);
  assert.equal(at.server.revoked.length, 1);
});

Deno.test("authorize() fails with login_needed after someone else has used the refresh token, and logs in again when it may", async () => {
  await using at = await place();
  const { refreshToken } = await authorize(at.options);
  assert.equal(await at.server.tryRefresh(String(refreshToken.token)), 200);
  const now = () => Date.now() + LATER;
  await assert.rejects(
    authorize({ ...at.options, now, interactive: false }),
    (error) => error instanceof TdauthError && error.code === "login_needed",
  );
  assert.equal(at.opened, 1);
  const td = await authorize({ ...at.options, now });
  assert.equal(at.opened, 2);
  assert.ok(await works(at.server, String(td.accessToken)));
});

Deno.test("authorize() logs in once for ten concurrent calls", async () => {
  await using at = await place();
  const calls = new UnderWay();
  const all = await calls.all(
    10,
    () => authorize({ ...at.options, fetch: calls.fetch }),
  );
  assert.deepEqual(calls.atAnswers, [10]);
  assert.equal(at.opened, 1);
  assert.equal(at.server.grants("authorization_code").length, 1);
  assert.equal(new Set(all.map((td) => String(td.accessToken))).size, 1);
});

Deno.test("authorize() works with a provider written by hand, which names no issuer", async () => {
  await using at = await place();
  const provider: Provider = {
    id: "acme",
    name: "Acme",
    authorizationEndpoint: `${at.server.issuer}/auth`,
    tokenEndpoint: `${at.server.issuer}/token`,
    scope: "openid offline_access",
    authorizationParameters: { prompt: "consent" },
  };
  // On a path, so that the issuer cannot be guessed from the token endpoint.
  await using under = await place({ path: "/realms/acme" });
  const hand = (issuer: string): Provider => ({
    ...provider,
    authorizationEndpoint: `${issuer}/auth`,
    tokenEndpoint: `${issuer}/token`,
  });
  for (const { server, options } of [at, under]) {
    const td = await authorize({ ...options, provider: hand(server.issuer) });
    assert.ok(await works(server, await td.token()));
  }
});
