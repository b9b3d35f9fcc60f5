import type { Sandbox } from "@tdauth/tdauth/sandbox";
import assert from "node:assert/strict";
import { logIn, quotes, refresh, startSandbox } from "./support.ts";

function control(
  broker: Sandbox,
  path: string,
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${broker.url}/sandbox/${path}`, {
    redirect: "manual",
    method: "POST",
    ...init,
  });
}

const deliberate = { "x-sandbox": "1" };

Deno.test("startSandbox() lets other processes move and read the clock", async () => {
  await using broker = await startSandbox({ now: () => 1_700_000_000_000 });
  const moved = await control(broker, "advance?seconds=1800", {
    headers: deliberate,
  });
  assert.deepEqual(await moved.json(), {
    now: 1_700_001_800_000,
    iso: "2023-11-14T22:43:20.000Z",
  });
  assert.equal(broker.now(), 1_700_001_800_000);
  const clock = await control(broker, "clock", { method: "GET" });
  assert.equal((await clock.json()).now, broker.now());
  for (const seconds of ["", "soon", "1e300", "Infinity"]) {
    const bad = await control(broker, `advance?seconds=${seconds}`, {
      headers: deliberate,
    });
    assert.equal(bad.status, 400);
    await bad.body?.cancel();
  }
  assert.equal(broker.now(), 1_700_001_800_000);
});

Deno.test("startSandbox() lets other processes revoke, plan faults and read the log", async () => {
  await using broker = await startSandbox();
  const { access_token } = await logIn(broker);
  const json = { "content-type": "application/json" };
  const revoke = await control(broker, "revoke", { headers: json });
  assert.deepEqual(await revoke.json(), {});
  assert.equal((await quotes(broker, access_token)).status, 401);

  const plan = await control(broker, "fail", {
    headers: json,
    body: '{"endpoint":"api","status":502}',
  });
  assert.equal(plan.status, 200);
  await plan.body?.cancel();
  assert.equal((await quotes(broker, access_token)).status, 502);

  const log = await control(broker, "requests", { method: "GET" });
  assert.deepEqual(await log.json(), broker.requests);
  assert.deepEqual(
    broker.requests.map(({ method, path, status, grantType }) => [
      method,
      path,
      status,
      grantType,
    ]),
    [
      ["GET", "/v1/oauth/authorize", 200, undefined],
      ["POST", "/login", 303, undefined],
      ["GET", "/consent", 200, undefined],
      ["POST", "/consent", 303, undefined],
      ["POST", "/v1/oauth/token", 200, "authorization_code"],
      ["GET", "/marketdata/v1/quotes", 401, undefined],
      ["GET", "/marketdata/v1/quotes", 502, undefined],
    ],
  );
});

Deno.test("startSandbox() reports what is wrong with a fault", async () => {
  await using broker = await startSandbox();
  for (
    const [body, error] of [
      ["[]", /JSON object/],
      ["{", /JSON/],
      ['{"state":1}', /no "state"/],
      ['{"status":"503"}', /"status" of a fault is a number/],
      ['{"headers":null}', /"headers" of a fault is a object|an object/],
      ['{"times":0}', /times must be/],
    ] as const
  ) {
    const response = await control(broker, "fail", {
      headers: deliberate,
      body,
    });
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, error);
  }
  assert.equal((await refresh(broker, "x")).status, 400);
});

Deno.test("startSandbox() accepts commands only from its own web pages", async () => {
  await using broker = await startSandbox();
  const { host } = new URL(broker.url);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const before = broker.now();
  for (
    const headers of [
      {},
      form,
      { ...form, origin: "https://evil.example" },
      { ...form, origin: "null" },
      { "content-type": "text/plain" },
    ] as HeadersInit[]
  ) {
    const response = await control(broker, "advance?seconds=9999999", {
      headers,
    });
    assert.equal(response.status, 403);
    await response.body?.cancel();
  }
  assert.ok(broker.now() - before < 9_999_999_000);

  const own = await control(broker, "advance", {
    headers: { ...form, origin: `http://${host}` },
    body: "seconds=9999999",
  });
  assert.equal(own.status, 303);
  assert.equal(own.headers.get("location"), "/");
  assert.ok(broker.now() - before >= 9_999_999_000);
});

Deno.test("startSandbox() tells methods and controls apart", async () => {
  await using broker = await startSandbox();
  for (
    const [path, method, status] of [
      ["advance", "GET", 405],
      ["clock", "POST", 405],
      ["fail", "OPTIONS", 405],
      ["other", "POST", 404],
    ] as const
  ) {
    const response = await control(broker, path, {
      method,
      headers: deliberate,
    });
    assert.equal(response.status, status);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    await response.body?.cancel();
  }
});
