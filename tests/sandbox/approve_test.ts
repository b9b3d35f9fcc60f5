import { approve, approveAndCopy } from "@tdauth/tdauth/sandbox";
import assert from "node:assert/strict";
import { selfSigned } from "./self_signed.ts";
import { authorizationUrl, startSandbox } from "./support.ts";

/** A callback server which, as tdauth's, sends the browser on to a clean address. */
function callbackServer(tls: { cert?: string; key?: string } = {}) {
  const seen: URL[] = [];
  const server = Deno.serve(
    { ...tls, hostname: "127.0.0.1", port: 0, onListen() {} } as
      & Deno.ServeTcpOptions
      & Deno.TlsCertifiedKeyPem,
    (request) => {
      const url = new URL(request.url);
      seen.push(url);
      return url.search === "" ? new Response("done") : new Response(null, {
        status: 303,
        headers: { location: url.pathname },
      });
    },
  );
  return {
    seen,
    port: server.addr.port,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("approve() follows the redirect and the callback server's own", async () => {
  await using callback = callbackServer();
  const callbackUrl = `http://127.0.0.1:${callback.port}/done`;
  await using broker = await startSandbox({ callbackUrl });
  await broker.approve(authorizationUrl(broker));
  assert.equal(callback.seen.length, 2);
  const [first, second] = callback.seen;
  assert.equal(first?.searchParams.get("state"), "a state & more");
  assert.match(
    first?.search ?? "",
    /^\?code=C0\.[^.]+\.[\w-]{43}%40&session=[0-9a-f-]{36}&state=[^&]+$/,
  );
  assert.equal(second?.href, callbackUrl);
});

Deno.test("approve() needs nothing but the URL, and works over https with a self-signed certificate", async () => {
  await using callback = callbackServer(selfSigned);
  const callbackUrl = `https://127.0.0.1:${callback.port}`;
  await using broker = await startSandbox({ callbackUrl });
  await approve(authorizationUrl(broker));
  assert.equal(callback.seen[0]?.protocol, "https:");
  assert.equal(callback.seen.length, 2);
});

Deno.test("approve() denies when told to", async () => {
  await using callback = callbackServer();
  await using broker = await startSandbox({
    broker: "tdameritrade",
    callbackUrl: `http://127.0.0.1:${callback.port}/`,
  });
  await broker.approve(authorizationUrl(broker), { decision: "deny" });
  assert.deepEqual([...callback.seen[0]?.searchParams ?? []], [
    ["error", "access_denied"],
    ["state", "a state & more"],
  ]);
});

Deno.test("approve() says what the page says", async () => {
  await using broker = await startSandbox();
  for (
    const [changes, message] of [
      [
        { redirect_uri: "https://localhost:8182" },
        /answered 403, "Access Denied": redirect_uri is "https:\/\/localhost:8182", but the registered callback URL is "https:\/\/127.0.0.1:8182"/,
      ],
      [{ redirect_uri: "https://127.0.0.1:8182/" }, /"Access Denied"/],
      [{ redirect_uri: "HTTPS://127.0.0.1:8182" }, /"Access Denied"/],
      [{ redirect_uri: undefined }, /redirect_uri is missing/],
      [{ client_id: "<b>" }, /client_id is wrong, the app's is "SANDBOX-APP"/],
      [{ client_id: undefined }, /client_id is missing/],
      [{ response_type: "token" }, /response_type is "token"/],
    ] as const
  ) {
    await assert.rejects(
      broker.approve(authorizationUrl(broker, changes)),
      message,
    );
  }
  await assert.rejects(
    broker.approve(`${authorizationUrl(broker)}&state=2`),
    /state is repeated/,
  );
  await assert.rejects(
    approve(authorizationUrl(broker), { password: "wrong" }),
    /answered 200, "Log in": the user name or the password is wrong/,
  );
  broker.failNext({ endpoint: "authorize", status: 502 });
  await assert.rejects(
    broker.approve(authorizationUrl(broker)),
    /answered 502, "502 Bad Gateway"/,
  );
});

Deno.test("approve() stays on this machine", async () => {
  await assert.rejects(
    approve("https://api.schwabapi.com/v1/oauth/authorize"),
    TypeError,
  );
  await using broker = await startSandbox({
    callbackUrl: "https://app.example.com/callback?from=broker",
  });
  await assert.rejects(broker.approve(authorizationUrl(broker)), TypeError);
  assert.match(
    await approveAndCopy(authorizationUrl(broker)),
    /^https:\/\/app\.example\.com\/callback\?from=broker&code=C0\./,
  );
});

Deno.test("approve() does not show the code when nothing listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const callbackUrl = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  await using broker = await startSandbox({ callbackUrl });
  await assert.rejects(
    broker.approve(authorizationUrl(broker)),
    (error: Error) => {
      assert.match(error.message, /^Cannot follow the redirect to "http:/);
      assert.doesNotMatch(Deno.inspect(error), /C0\./);
      assert.ok(error.cause instanceof Error);
      assert.match(Deno.inspect(error.cause), /refused/i);
      return true;
    },
  );
});

Deno.test("approve() ends when its signal is aborted", async () => {
  await using broker = await startSandbox();
  broker.failNext({ endpoint: "authorize", delayMs: 60_000 });
  const stop = new AbortController();
  const walk = broker.approve(authorizationUrl(broker), {
    signal: stop.signal,
  });
  stop.abort();
  await assert.rejects(walk, { name: "AbortError" });
});
