import type { SandboxOptions } from "@tdauth/tdauth/sandbox";
import assert from "node:assert/strict";
import { reservePort, untilFree } from "../support.ts";
import {
  authorizationUrl,
  exchange,
  logIn,
  newCode,
  refresh,
  startSandbox,
} from "./support.ts";

Deno.test("startSandbox() returns the app, the user and the URLs", async () => {
  await using broker = await startSandbox();
  assert.match(broker.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(broker.broker, "schwab");
  assert.deepEqual(broker.app, {
    consumerKey: "SANDBOX-APP",
    consumerSecret: "SANDBOX-SECRET",
    callbackUrl: "https://127.0.0.1:8182",
  });
  assert.equal(broker.tokenEndpoint, `${broker.url}/v1/oauth/token`);
  assert.equal(
    broker.authorizationEndpoint,
    `${broker.url}/v1/oauth/authorize`,
  );

  await using old = await startSandbox({ broker: "tdameritrade" });
  assert.deepEqual(old.app, {
    consumerKey: "SANDBOX@AMER.OAUTHAP",
    callbackUrl: "http://localhost:8080",
  });
  assert.equal(old.tokenEndpoint, `${old.url}/v1/oauth2/token`);
  assert.equal(old.authorizationEndpoint, `${old.url}/auth`);
});

Deno.test("startSandbox() makes port 0 of the callback URL a free one, and leaves all other text unchanged", async () => {
  for (const end of ["", "/", "/cb?app=1&x", "?a#b"]) {
    await using broker = await startSandbox({
      callbackUrl: `https://localhost:0${end}`,
    });
    const { callbackUrl } = broker.app;
    const [, port = "", rest] = /^https:\/\/localhost:(\d+)(.*)$/
      .exec(callbackUrl) ?? [];
    assert.equal(rest, end);
    assert.ok(Number(port) >= 1024, callbackUrl);
    await untilFree(Number(port), ["127.0.0.1"]);
  }
  for (
    const callbackUrl of [
      "http://127.0.0.1/:0/",
      "http://127.0.0.1:01/",
      "http://127.0.0.1/cb?url=http://a:0/",
    ]
  ) {
    await using broker = await startSandbox({ callbackUrl });
    assert.equal(broker.app.callbackUrl, callbackUrl);
  }
});

Deno.test("startSandbox() uses the given port, app and lifetimes", async () => {
  using reserved = reservePort();
  await using broker = await startSandbox({
    port: reserved.port,
    consumerKey: "KEY",
    consumerSecret: "SECRET",
    callbackUrl: "https://127.0.0.1/callback?a=b",
    accessTokenLifetime: 5,
    refreshTokenLifetime: 10,
  });
  assert.equal(broker.url, `http://127.0.0.1:${reserved.port}`);
  const address = await broker.approveAndCopy(authorizationUrl(broker));
  assert.match(address, /^https:\/\/127\.0\.0\.1\/callback\?a=b&code=C0\./);
  const { body } = await exchange(broker, await newCode(broker));
  assert.equal(body["expires_in"], 5);
  broker.advance(10);
  assert.equal((await refresh(broker, body["refresh_token"])).status, 400);
});

Deno.test("startSandbox() echoes the state unchanged, or omits it", async () => {
  await using broker = await startSandbox();
  const state = "ä +&=%40#/?";
  const address = await broker.approveAndCopy(
    authorizationUrl(broker, { state }),
  );
  assert.equal(new URL(address).searchParams.get("state"), state);
  const without = await broker.approveAndCopy(
    authorizationUrl(broker, { state: undefined }),
  );
  assert.equal(new URL(without).searchParams.get("state"), null);
});

Deno.test("startSandbox() ignores a PKCE challenge, as the brokers do", async () => {
  await using broker = await startSandbox();
  await broker.approveAndCopy(authorizationUrl(broker, {
    code_challenge: "x",
    code_challenge_method: "S256",
  }));
});

Deno.test("startSandbox() rejects invalid options", async () => {
  for (
    const options of [
      { broker: "other" as "schwab" },
      { port: -1 },
      { port: 65_536 },
      { accessTokenLifetime: 0 },
      { refreshTokenLifetime: 1.5 },
      { rotation: "always" as "none" },
      { deadRefreshToken: "x" as "invalid_client" },
      { appStatus: "x" as "ready" },
    ] satisfies SandboxOptions[]
  ) {
    await assert.rejects(startSandbox(options), RangeError);
  }
  for (const callbackUrl of ["127.0.0.1:8182", "ftp://127.0.0.1", ""]) {
    await assert.rejects(startSandbox({ callbackUrl }), TypeError);
  }
});

Deno.test("startSandbox() names the port that is in use", async () => {
  await using broker = await startSandbox();
  const port = Number(new URL(broker.url).port);
  await assert.rejects(startSandbox({ port }), (error: Error) => {
    assert.ok(error instanceof Deno.errors.AddrInUse);
    assert.match(error.message, new RegExp(`port ${port} `));
    return true;
  });
});

Deno.test("startSandbox() answers no other Host than its own", async () => {
  await using broker = await startSandbox();
  const { port } = new URL(broker.url);
  const status = async (host: string) => {
    using connection = await Deno.connect({
      hostname: "127.0.0.1",
      port: Number(port),
    });
    await connection.write(new TextEncoder().encode(
      `GET / HTTP/1.1\r\nhost: ${host}\r\n\r\n`,
    ));
    const text = await new Response(connection.readable).text();
    return Number(text.split(" ")[1]);
  };
  assert.equal(await status(`127.0.0.1:${port}`), 200);
  assert.equal(await status(`localhost:${port}`), 200);
  assert.equal(await status(`127.0.0.1:${port}.evil.example`), 421);
  assert.equal(await status(`evil.example:${port}`), 421);
  assert.equal(await status("127.0.0.1"), 421);
  assert.equal(broker.requests.length, 0);
});

Deno.test("startSandbox() keeps the last 1,000 requests, without secrets", async () => {
  const consumerSecret = "canary-secret";
  await using broker = await startSandbox({ consumerSecret });
  const code = await newCode(broker);
  const { body } = await exchange(broker, code);
  await refresh(broker, "canary-refresh-token", { canary: "canary" });
  const response = await fetch(broker.tokenEndpoint, {
    method: "POST",
    body: "grant_type=canary-grant",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  });
  await response.body?.cancel();
  assert.equal(broker.requests.at(-1)?.grantType, "other");
  const log = JSON.stringify(broker.requests);
  for (
    const secret of [
      "canary",
      code,
      String(body["access_token"]),
      String(body["refresh_token"]),
      broker.user.password,
    ]
  ) {
    assert.ok(!log.includes(secret));
  }
  for (let i = 0; i < 1000; i++) {
    await (await fetch(`${broker.url}/nowhere`)).body?.cancel();
  }
  assert.equal(broker.requests.length, 1000);
  assert.equal(broker.requests[0]?.path, "/nowhere");
});

Deno.test("startSandbox() ends codes and browser sessions with revokeAll() too", async () => {
  await using broker = await startSandbox();
  const code = await newCode(broker);
  const { refresh_token } = await logIn(broker);
  broker.revokeAll();
  assert.equal((await exchange(broker, code)).status, 400);
  assert.equal((await refresh(broker, refresh_token)).status, 400);
  assert.equal(
    (await refresh(broker, (await logIn(broker)).refresh_token)).status,
    200,
  );
});

Deno.test("startSandbox() moves its clock both ways, and rejects invalid times", async () => {
  await using broker = await startSandbox({ now: () => 1_000_000 });
  broker.advance(60);
  broker.advance(-90);
  assert.equal(broker.now(), 970_000);
  for (const seconds of [NaN, Infinity, 1e300]) {
    assert.throws(() => broker.advance(seconds), RangeError);
  }
});

Deno.test("close() frees the port with idle and half-sent connections open", async () => {
  const broker = await startSandbox();
  const port = Number(new URL(broker.url).port);
  const connections = await Promise.all(
    ["", "GET / HT", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n"]
      .map(async (text) => {
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        await connection.write(new TextEncoder().encode(text));
        return connection;
      }),
  );
  await (await fetch(broker.url)).body?.cancel();
  await broker.close();
  await broker.close();
  await untilFree(port, ["127.0.0.1"]);
  for (const connection of connections) connection.close();
});

Deno.test("startSandbox() closes when its signal is aborted", async () => {
  const stop = new AbortController();
  const broker = await startSandbox({ signal: stop.signal });
  stop.abort();
  await broker.close();
  Deno.listen({
    hostname: "127.0.0.1",
    port: Number(new URL(broker.url).port),
  }).close();
  await assert.rejects(startSandbox({ signal: stop.signal }), {
    name: "AbortError",
  });
});
