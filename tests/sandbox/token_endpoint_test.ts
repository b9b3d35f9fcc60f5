import assert from "node:assert/strict";
import {
  ask,
  authorizationUrl,
  basic,
  exchange,
  lastReason,
  logIn,
  newCode,
  quotes,
  refresh,
  startSandbox,
} from "./support.ts";

const DAY = 24 * 60 * 60;

Deno.test("startSandbox() returns Schwab's tokens for a code", async () => {
  await using broker = await startSandbox();
  const { status, headers, body } = await exchange(
    broker,
    await newCode(broker),
  );
  assert.equal(status, 200);
  assert.match(headers.get("content-type") ?? "", /^application\/json/);
  assert.equal(headers.get("cache-control"), "no-store");
  assert.deepEqual(Object.keys(body).sort(), [
    "access_token",
    "expires_in",
    "id_token",
    "refresh_token",
    "scope",
    "token_type",
  ]);
  assert.equal(body["expires_in"], 1800);
  assert.equal(body["token_type"], "Bearer");
  assert.equal(body["scope"], "api");
  assert.match(String(body["access_token"]), /^I0\..+\..+@$/);
  assert.match(String(body["id_token"]), /^[\w-]+\.[\w-]+\.[\w-]+$/);
});

Deno.test("startSandbox() returns TD Ameritrade's tokens for a code", async () => {
  await using broker = await startSandbox({ broker: "tdameritrade" });
  const { status, body } = await exchange(broker, await newCode(broker));
  assert.equal(status, 200);
  const { access_token, refresh_token, ...rest } = body;
  assert.equal(typeof access_token, "string");
  assert.equal(typeof refresh_token, "string");
  assert.deepEqual(rest, {
    token_type: "Bearer",
    scope: "PlaceTrades AccountAccess MoveMoney",
    expires_in: 1800,
    refresh_token_expires_in: 7_776_000,
  });
});

Deno.test("startSandbox() issues TD Ameritrade's refresh token only for access_type=offline", async () => {
  await using broker = await startSandbox({ broker: "tdameritrade" });
  const login = await exchange(broker, await newCode(broker), {
    access_type: "",
  });
  assert.equal(login.status, 200);
  assert.ok(!("refresh_token" in login.body));

  const { refresh_token } = await logIn(broker);
  const plain = await refresh(broker, refresh_token);
  assert.deepEqual(Object.keys(plain.body).sort(), [
    "access_token",
    "expires_in",
    "scope",
    "token_type",
  ]);
  broker.advance(80 * DAY);
  const offline = await refresh(broker, refresh_token, {
    access_type: "offline",
  });
  assert.notEqual(offline.body["refresh_token"], refresh_token);
  assert.equal(offline.body["refresh_token_expires_in"], 7_776_000);
  broker.advance(20 * DAY);
  assert.equal((await refresh(broker, refresh_token)).status, 400);
  assert.equal(
    (await refresh(broker, offline.body["refresh_token"])).status,
    200,
  );
});

for (const name of ["schwab", "tdameritrade"] as const) {
  Deno.test(`startSandbox() accepts a code once, at ${name}`, async () => {
    await using broker = await startSandbox({ broker: name });
    const code = await newCode(broker);
    assert.equal((await exchange(broker, code)).status, 200);
    const { status, body } = await exchange(broker, code);
    assert.equal(status, 400);
    assert.equal(body["error"], "invalid_grant");
    assert.match(lastReason(broker) ?? "", /exchanged/);
  });

  Deno.test(`startSandbox() accepts a code for 30 seconds, at ${name}`, async () => {
    await using broker = await startSandbox({
      broker: name,
      now: () => 1_700_000_000_000,
    });
    const [early, late] = [await newCode(broker), await newCode(broker)];
    broker.advance(29);
    assert.equal((await exchange(broker, early)).status, 200);
    broker.advance(1);
    assert.equal((await exchange(broker, late)).status, 400);
    assert.equal(lastReason(broker), "the code expired 0 s ago");
  });

  Deno.test(`startSandbox() binds a code to the callback URL, at ${name}`, async () => {
    await using broker = await startSandbox({ broker: name });
    const { status } = await exchange(broker, await newCode(broker), {
      redirect_uri: `${broker.app.callbackUrl}/`,
    });
    assert.equal(status, 400);
    assert.match(lastReason(broker) ?? "", /redirect_uri/);
  });

  Deno.test(`startSandbox() rejects a code that was not decoded exactly once, at ${name}`, async () => {
    await using broker = await startSandbox({ broker: name });
    const code = await newCode(broker);
    assert.equal(
      (await exchange(broker, encodeURIComponent(code))).status,
      400,
    );
    assert.match(lastReason(broker) ?? "", /exactly once/);
    assert.equal((await exchange(broker, code)).status, 200);
  });

  Deno.test(`startSandbox() counts an access token's 1800 seconds, at ${name}`, async () => {
    await using broker = await startSandbox({
      broker: name,
      now: () => 1_700_000_000_000,
    });
    const { access_token, refresh_token } = await logIn(broker);
    broker.advance(1799);
    assert.equal((await quotes(broker, access_token)).status, 200);
    broker.advance(1);
    assert.equal((await quotes(broker, access_token)).status, 401);
    assert.equal(lastReason(broker), "the access token expired 0 s ago");
    const { body } = await refresh(broker, refresh_token);
    assert.equal((await quotes(broker, body["access_token"])).status, 200);
    broker.advance(-1);
    assert.equal((await quotes(broker, access_token)).status, 200);
  });

  Deno.test(`startSandbox() rejects all but one clean form post, at ${name}`, async () => {
    await using broker = await startSandbox({ broker: name });
    const authorization = basic(
      broker.app.consumerKey,
      broker.app.consumerSecret,
    );
    const post = (body: BodyInit, type?: string) =>
      fetch(broker.tokenEndpoint, {
        method: "POST",
        headers: { authorization, ...(type && { "content-type": type }) },
        body,
      });
    const twice = new URLSearchParams(
      `grant_type=refresh_token&client_id=${
        encodeURIComponent(broker.app.consumerKey)
      }&refresh_token=a&refresh_token=b`,
    );
    for (
      const [response, status, error] of [
        [await fetch(broker.tokenEndpoint), 405, "invalid_request"],
        [
          await post(JSON.stringify({}), "application/json"),
          400,
          "invalid_request",
        ],
        [await post(twice), 400, "invalid_request"],
        [
          await post(
            new URLSearchParams({
              grant_type: "password",
              client_id: broker.app.consumerKey,
            }),
          ),
          400,
          "unsupported_grant_type",
        ],
      ] as const
    ) {
      assert.equal(response.status, status);
      assert.equal((await response.json()).error, error);
    }
    const long = await post("x".repeat(70_000));
    assert.equal(long.status, 413);
    await long.body?.cancel();
  });
}

Deno.test("startSandbox() compares Schwab's Basic credentials as they are", async () => {
  const consumerSecret = "p+ß/=%&: §";
  await using broker = await startSandbox({ consumerSecret });
  const code = await newCode(broker);
  const bytes = String.fromCharCode(
    ...new TextEncoder().encode(`SANDBOX-APP:${consumerSecret}`),
  );
  const form = {
    grant_type: "authorization_code",
    code,
    redirect_uri: broker.app.callbackUrl,
  };
  for (
    const [authorization, reason] of [
      [basic("SANDBOX-APP", encodeURIComponent(consumerSecret)), /encoded/],
      [basic("SANDBOX-APP", "wrong"), /wrong/],
      [basic("OTHER", "p"), /wrong/],
      ["Basic ÿ", /wrong/],
      ["Bearer x", /not Basic/],
      ["", /missing/],
    ] as const
  ) {
    const { status, body } = await ask(broker, form, { authorization });
    assert.equal(status, 401);
    assert.deepEqual(body, {
      error: "invalid_client",
      error_description: "Unauthorized",
    });
    assert.match(lastReason(broker) ?? "", reason);
  }
  const { status } = await ask(broker, form, {
    authorization: `Basic ${btoa(bytes)}`,
  });
  assert.equal(status, 200);
});

Deno.test("startSandbox() wants TD Ameritrade's client_id in the body, with its suffix", async () => {
  await using broker = await startSandbox({
    broker: "tdameritrade",
    consumerKey: "TEST",
  });
  assert.equal(broker.app.consumerKey, "TEST");
  assert.equal(broker.app.consumerSecret, undefined);
  await assert.rejects(
    broker.approveAndCopy(authorizationUrl(broker)),
    /"Access Denied": client_id lacks @AMER\.OAUTHAP/,
  );
  const form = { grant_type: "refresh_token", refresh_token: "x" };
  for (
    const [client_id, status, reason] of [
      ["TEST", 401, "client_id lacks @AMER.OAUTHAP"],
      ["OTHER@AMER.OAUTHAP", 401, "client_id is not the app's"],
      [
        "TEST@AMER.OAUTHAP",
        400,
        "the refresh token was never issued here",
      ],
    ] as const
  ) {
    assert.equal((await ask(broker, { ...form, client_id })).status, status);
    assert.equal(lastReason(broker), reason);
  }
});

Deno.test("startSandbox() lets Schwab's refresh token die 7 days after the login, whatever is refreshed", async () => {
  await using broker = await startSandbox({ now: () => 1_700_000_000_000 });
  const { refresh_token } = await logIn(broker);
  broker.advance(6 * DAY);
  const { body } = await refresh(broker, refresh_token);
  assert.equal(body["refresh_token"], refresh_token);
  broker.advance(DAY - 1);
  assert.equal((await refresh(broker, refresh_token)).status, 200);
  broker.advance(1);
  const dead = await refresh(broker, refresh_token);
  assert.equal(dead.status, 400);
  assert.equal(dead.body["error"], "unsupported_token_type");
  assert.match(
    String(dead.body["error_description"]),
    /^400 Bad Request: "\{"error_description":"Exception while authenticating refresh token \[tokenDigest=.*","error":"refresh_token_authentication_error"\}"$/,
  );
});

Deno.test("startSandbox() can return Schwab's other error for an invalid refresh token", async () => {
  await using broker = await startSandbox({
    deadRefreshToken: "invalid_client",
  });
  const { status, body } = await refresh(broker, "x");
  assert.equal(status, 401);
  assert.deepEqual(body, {
    error: "invalid_client",
    error_description: "refresh token invalid",
  });
});

Deno.test("startSandbox() answers a dead refresh token with invalid_grant at TD Ameritrade", async () => {
  await using broker = await startSandbox({ broker: "tdameritrade" });
  const { status, body } = await refresh(broker, "x");
  assert.equal(status, 400);
  assert.deepEqual(body, { error: "invalid_grant" });
});

Deno.test("startSandbox() kills the older refresh token at a new login at Schwab", async () => {
  await using broker = await startSandbox();
  const first = await logIn(broker);
  const second = await logIn(broker);
  assert.equal((await refresh(broker, first.refresh_token)).status, 400);
  assert.match(lastReason(broker) ?? "", /logged in again/);
  assert.equal((await refresh(broker, second.refresh_token)).status, 200);
});

Deno.test("startSandbox() keeps the older refresh token at a new login at TD Ameritrade", async () => {
  await using broker = await startSandbox({ broker: "tdameritrade" });
  const first = await logIn(broker);
  await logIn(broker);
  assert.equal((await refresh(broker, first.refresh_token)).status, 200);
});

for (const name of ["schwab", "tdameritrade"] as const) {
  const offline = { access_type: "offline" };

  Deno.test(`startSandbox() rotates refresh tokens when asked to, at ${name}`, async () => {
    await using broker = await startSandbox({
      broker: name,
      rotation: "rotate",
    });
    const { refresh_token: old } = await logIn(broker);
    const { body } = await refresh(broker, old, offline);
    const fresh = body["refresh_token"];
    assert.notEqual(fresh, old);
    assert.equal((await refresh(broker, old, offline)).status, 400);
    assert.equal((await refresh(broker, fresh, offline)).status, 200);
  });

  Deno.test(`startSandbox() ends the whole login when an old refresh token is used again, at ${name}`, async () => {
    await using broker = await startSandbox({ broker: name, rotation: "kill" });
    const { refresh_token: old } = await logIn(broker);
    const { body } = await refresh(broker, old, offline);
    assert.equal((await quotes(broker, body["access_token"])).status, 200);
    assert.equal((await refresh(broker, old, offline)).status, 400);
    assert.equal(
      (await refresh(broker, body["refresh_token"], offline)).status,
      400,
    );
    assert.equal((await quotes(broker, body["access_token"])).status, 401);
    assert.match(lastReason(broker) ?? "", /used again/);
  });
}

Deno.test("startSandbox() gives one of many refreshes in parallel a token where they rotate", async () => {
  await using broker = await startSandbox({ rotation: "kill" });
  const { refresh_token } = await logIn(broker);
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => refresh(broker, refresh_token)),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [
    200,
    400,
    400,
    400,
  ]);
});

Deno.test("startSandbox() gives Schwab's client_credentials an hour and no refresh token", async () => {
  await using broker = await startSandbox();
  const { status, body } = await ask(broker, {
    grant_type: "client_credentials",
  });
  assert.equal(status, 200);
  const { access_token, ...rest } = body;
  assert.deepEqual(rest, {
    expires_in: 3600,
    token_type: "Bearer",
    scope: "api",
  });
  assert.equal((await quotes(broker, access_token)).status, 200);
});

Deno.test("startSandbox() answers like a broker whose app is not ready yet", async () => {
  await using broker = await startSandbox({ appStatus: "pending" });
  await assert.rejects(
    broker.approveAndCopy(authorizationUrl(broker)),
    /answered 500, "We are unable to complete your request.*Ready For Use/,
  );
  const { status, body } = await exchange(broker, "x");
  assert.equal(status, 401);
  assert.equal(body["error"], "assertion_rejected");
});
