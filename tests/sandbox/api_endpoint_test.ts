import assert from "node:assert/strict";
import {
  api,
  ask,
  authorizationUrl,
  exchange,
  logIn,
  quotes,
  startSandbox,
} from "./support.ts";

for (const name of ["schwab", "tdameritrade"] as const) {
  Deno.test(`startSandbox() has quotes that follow from the symbol, at ${name}`, async () => {
    await using broker = await startSandbox({
      broker: name,
      now: () => 1_700_000_000_000,
    });
    const { access_token } = await logIn(broker);
    const first = await (await quotes(broker, access_token)).json();
    assert.deepEqual(Object.keys(first), ["AAPL", "MSFT"]);
    assert.equal(first.AAPL.symbol, "AAPL");
    const { lastPrice } = name === "schwab" ? first.AAPL.quote : first.AAPL;
    assert.ok(lastPrice > 0);
    assert.deepEqual(await (await quotes(broker, access_token)).json(), first);
  });

  Deno.test(`startSandbox() denies the API to a missing, unknown or revoked access token, at ${name}`, async () => {
    await using broker = await startSandbox({ broker: name });
    const { access_token, refresh_token } = await logIn(broker);
    for (const token of ["", "x", refresh_token]) {
      const response = await quotes(broker, token);
      assert.equal(response.status, 401);
      const body = await response.json();
      if (name === "schwab") {
        const { id, ...error } = body.errors[0];
        assert.match(id, /^[0-9a-f-]{36}$/);
        assert.deepEqual(error, {
          status: 401,
          title: "Unauthorized",
          detail: "Client not authorized",
        });
      } else {
        assert.deepEqual(body, {
          error: "The access token being passed has expired or is invalid.",
        });
      }
    }
    broker.revokeAll();
    const revoked = await quotes(broker, access_token);
    assert.equal(revoked.status, 401);
    await revoked.body?.cancel();
  });
}

Deno.test("startSandbox() names invalid symbols as Schwab does", async () => {
  await using broker = await startSandbox();
  const { access_token } = await logIn(broker);
  const path = "/marketdata/v1/quotes?symbols=__proto__,brk/b,$SPX";
  const body = await (await api(broker, path, access_token)).json();
  assert.deepEqual(Object.keys(body), ["BRK/B", "$SPX", "errors"]);
  assert.deepEqual(body.errors, { invalidSymbols: ["__PROTO__"] });
});

Deno.test("startSandbox() has one symbol's quote, and 404 for what it does not have", async () => {
  for (
    const [name, good, none, bad] of [
      [
        "schwab",
        "/marketdata/v1/BRK%2FB/quotes",
        "/marketdata/v1/quotes",
        "/trader/v1/orders",
      ],
      [
        "tdameritrade",
        "/v1/marketdata/BRK%2FB/quotes",
        "/v1/marketdata/%zz/quotes",
        "/v1/accounts/1/orders",
      ],
    ] as const
  ) {
    await using broker = await startSandbox({ broker: name });
    const { access_token } = await logIn(broker);
    const quote = await (await api(broker, good, access_token)).json();
    assert.equal(quote["BRK/B"].symbol, "BRK/B");
    for (
      const [path, status] of [[none, name === "schwab" ? 400 : 200], [
        bad,
        404,
      ]] as const
    ) {
      const response = await api(broker, path, access_token);
      assert.equal(response.status, status);
      await response.body?.cancel();
    }
    const post = await fetch(broker.url + good, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}` },
    });
    assert.equal(post.status, 405);
    await post.body?.cancel();
  }
});

Deno.test("startSandbox() shows the accounts that the user ticked", async () => {
  for (
    const [name, path] of [
      ["schwab", "/trader/v1/accounts"],
      ["tdameritrade", "/v1/accounts"],
    ] as const
  ) {
    await using broker = await startSandbox({ broker: name });
    const { access_token } = await logIn(broker);
    const all = await (await api(broker, path, access_token)).json();
    assert.equal(all.length, 2);

    // A person who unticks one box.
    const login = await fetch(authorizationUrl(broker));
    const cookie = login.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const attempt = /name="attempt" value="([^"]+)"/.exec(await login.text())
      ?.[1] ?? "";
    const consent = await fetch(`${broker.url}/login`, {
      method: "POST",
      redirect: "manual",
      headers: { cookie },
      body: new URLSearchParams({
        attempt,
        username: broker.user.name,
        password: broker.user.password,
      }),
    });
    await consent.body?.cancel();
    const session = consent.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    assert.notEqual(session, cookie);
    const decide = (account: string) =>
      fetch(`${broker.url}/consent`, {
        method: "POST",
        redirect: "manual",
        headers: { cookie: session },
        body: new URLSearchParams({ attempt, account, decision: "allow" }),
      });
    const none = await decide("99");
    assert.match(await none.text(), /choose at least one account/);
    const redirect = await decide("10000002");
    await redirect.body?.cancel();
    const code = new URL(redirect.headers.get("location") ?? "").searchParams
      .get("code") ?? "";
    const { body } = await exchange(broker, code);
    const one = await (await api(broker, path, body["access_token"])).json();
    assert.deepEqual(one, [all[1]]);
  }
});

Deno.test("startSandbox() hashes Schwab's account numbers", async () => {
  await using broker = await startSandbox();
  const { access_token } = await logIn(broker);
  const path = "/trader/v1/accounts/accountNumbers";
  const body = await (await api(broker, path, access_token)).json();
  assert.equal(body[0].accountNumber, "10000001");
  assert.match(body[0].hashValue, /^[0-9A-F]{64}$/);

  const app = await ask(broker, { grant_type: "client_credentials" });
  const none = await api(broker, path, app.body["access_token"]);
  assert.deepEqual(await none.json(), []);
});
