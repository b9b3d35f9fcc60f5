import assert from "node:assert/strict";
import {
  authorizationUrl,
  lastReason,
  logIn,
  newCode,
  quotes,
  refresh,
  startSandbox,
} from "./support.ts";

Deno.test("failNext() answers 503 with an HTML page, once, and does no work", async () => {
  await using broker = await startSandbox({ rotation: "rotate" });
  const { refresh_token } = await logIn(broker);
  broker.failNext();
  const response = await fetch(broker.tokenEndpoint, {
    method: "POST",
    body: new URLSearchParams({ grant_type: "refresh_token" }),
  });
  assert.equal(response.status, 503);
  assert.match(response.headers.get("content-type") ?? "", /^text\/html/);
  assert.match(await response.text(), /<h1>503 Service/);
  assert.equal(lastReason(broker), "a planned fault");
  assert.equal((await refresh(broker, refresh_token)).status, 200);
});

Deno.test("failNext() returns the planned response, as often as planned", async () => {
  await using broker = await startSandbox();
  broker.failNext({
    endpoint: "api",
    status: 429,
    headers: { "retry-after": "2" },
    times: 2,
  });
  broker.failNext({
    endpoint: "api",
    body: '{"a":1}',
    contentType: "application/json",
  });
  const { access_token } = await logIn(broker);
  const seen = [];
  for (let i = 0; i < 4; i++) {
    const response = await quotes(broker, access_token);
    seen.push([
      response.status,
      response.headers.get("retry-after"),
      (await response.text()).slice(0, 7),
    ]);
  }
  assert.deepEqual(seen, [
    [429, "2", "<html><"],
    [429, "2", "<html><"],
    [200, null, '{"a":1}'],
    [200, null, '{"AAPL"'],
  ]);
});

Deno.test("failNext() cuts the connection after the work is done", async () => {
  await using broker = await startSandbox({ rotation: "rotate" });
  const { refresh_token } = await logIn(broker);
  broker.failNext({ cut: true });
  await assert.rejects(refresh(broker, refresh_token), TypeError);
  assert.equal(broker.requests.at(-1)?.status, 0);
  assert.equal((await refresh(broker, refresh_token)).status, 400);
  assert.match(lastReason(broker) ?? "", /newer one/);
});

Deno.test("failNext() holds an answer back, and close() does not wait for it", async () => {
  const broker = await startSandbox();
  broker.failNext({ delayMs: 1 });
  const code = await newCode(broker);
  assert.ok(code);
  assert.equal((await refresh(broker, "x")).status, 400);
  broker.failNext({ delayMs: 600_000 });
  const stuck = assert.rejects(refresh(broker, "x"));
  const before = broker.requests.length;
  while (broker.requests.length === before) {
    await (await fetch(broker.url)).body?.cancel();
  }
  await broker.close();
  await stuck;
});

Deno.test("failNext() hits the authorization endpoint too", async () => {
  await using broker = await startSandbox();
  broker.failNext({ endpoint: "authorize", status: 500 });
  const response = await fetch(authorizationUrl(broker));
  assert.equal(response.status, 500);
  await response.body?.cancel();
});

Deno.test("failNext() rejects invalid faults", async () => {
  await using broker = await startSandbox();
  for (
    const fault of [
      { status: 99 },
      { status: 600 },
      { times: 0 },
      { times: 1.5 },
      { delayMs: -1 },
      { endpoint: "login" as "token" },
    ]
  ) {
    assert.throws(() => broker.failNext(fault), RangeError);
  }
  assert.throws(
    () => broker.failNext({ headers: { "a b": "c" } }),
    TypeError,
  );
});
