/** Redirects that come as a form, and those that a browser keeps to itself. */
import assert from "node:assert/strict";
import { authorize, type LoginEvent, MemCache } from "../../mod.ts";
import { reservePort } from "../support.ts";
import { send } from "./raw_http.ts";
import { isPending, start, STATE } from "./server_support.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

for (const scheme of ["http", "https"] as const) {
  Deno.test(`startCallbackServer() accepts a form over ${scheme} where the provider posts its redirects, and answers 303`, async () => {
    await using it = await start(scheme, "/cb?a=b", { formPost: true });
    const body = new URLSearchParams({
      code: "C0.a+b/c@",
      state: STATE,
      iss: "https://acme.example",
      id_token: "not.for.us",
      session: "x",
    }).toString();
    const { status, headers } = await send(it.target, "/cb", {
      method: "POST",
      headers: FORM,
      body,
    });
    assert.equal(status, 303);
    const location = headers.get("location") ?? "";
    assert.ok(location.startsWith(`${it.callbackUrl}&tdauth=`), location);
    assert.deepEqual([...await it.server.redirect], [
      ["code", "C0.a+b/c@"],
      ["state", STATE],
      ["iss", "https://acme.example"],
    ]);
  });
}

Deno.test("startCallbackServer() checks a form as it checks a query, on the callback path alone, and bounds it", async () => {
  await using it = await start("http", "/cb", { formPost: true });
  const post = async (body: string, path = "/cb", headers = FORM) =>
    (await send(it.target, path, { method: "POST", headers, body })).status;
  assert.equal(await post("code=a&state=wrong"), 400);
  assert.equal(await post("code=a"), 400);
  assert.equal(await post(`code=a&code=b&state=${STATE}`), 400);
  assert.equal(await post(`error=a&code=b&state=${STATE}`), 400);
  // What is in the query is not taken for the form.
  assert.equal(await post("code=a", `/cb?state=${STATE}`), 400);
  assert.deepEqual(it.rejected, [
    "wrong_state",
    "missing_state",
    "repeated_parameter",
    "code_and_error",
    "missing_state",
  ]);
  const good = `code=a&state=${STATE}`;
  assert.equal(await post(good, "/"), 405);
  const elsewhere = {
    method: "POST",
    headers: FORM,
    body: good,
    host: "evil.example",
  };
  assert.equal((await send(it.target, "/cb", elsewhere)).status, 421);
  assert.equal(await post(good, "/cb", { "content-type": "text/plain" }), 415);
  assert.equal(await post(`${good}&x=${"x".repeat(16_384)}`), 413);
  assert.ok(await isPending(it.server.redirect));
  assert.equal(await post(`error=access_denied&state=${STATE}`), 303);
  assert.equal((await it.server.redirect).get("error"), "access_denied");
});

Deno.test("startCallbackServer() reports a browser that comes without a code, for its address may have one after a #", async () => {
  await using it = await start("http", "/cb");
  const visit = async (headers: Record<string, string> = {}) =>
    (await send(it.target, "/cb", { headers })).status;
  assert.equal(await visit({ "sec-fetch-mode": "no-cors" }), 400);
  assert.equal(await visit({ "sec-purpose": "prefetch" }), 400);
  assert.deepEqual(it.rejected, []);
  assert.equal(await visit({ "sec-fetch-mode": "navigate" }), 400);
  assert.equal(await visit(), 400);
  assert.deepEqual(it.rejected, ["no_answer", "no_answer"]);
  assert.ok(await isPending(it.server.redirect));
  assert.equal(
    (await send(it.target, `/cb?code=a&state=${STATE}`)).status,
    303,
  );
  await it.server.redirect;
});

for (const responseMode of ["form_post", undefined] as const) {
  Deno.test(`authorize() ${responseMode ? "logs in" : "says at once what to set"} where the provider posts the redirect and its response mode is ${responseMode}`, async () => {
    using reserved = reservePort();
    const callbackUrl = `http://127.0.0.1:${reserved.port}/cb`;
    const events: LoginEvent[] = [];
    const statuses: number[] = [];
    const posted = async (url: string) => {
      const { searchParams } = new URL(url);
      const state = searchParams.get("state") ?? "";
      const response = await fetch(callbackUrl, {
        method: "POST",
        body: new URLSearchParams({ code: "CODE", state }),
        redirect: "manual",
      });
      statuses.push(response.status);
      await response.body?.cancel();
      if (response.status !== 303) return;
      const next = response.headers.get("location") ?? "";
      await (await fetch(next)).body?.cancel();
    };
    const login = authorize({
      provider: {
        id: "acme",
        name: "Acme",
        authorizationEndpoint: "https://acme.example/authorize",
        tokenEndpoint: "https://acme.example/token",
        ...(responseMode && { responseMode }),
      },
      consumerKey: "KEY",
      callbackUrl,
      cache: new MemCache(),
      loginTimeout: responseMode ? 20 : 1,
      openUrl: posted,
      onEvent: (event) => void events.push(event),
      fetch: () =>
        Promise.resolve(Response.json({
          access_token: "A",
          refresh_token: "R",
          token_type: "Bearer",
        })),
    });
    if (responseMode !== undefined) {
      assert.equal((await login).accessToken.token, "A");
      assert.deepEqual(statuses, [303]);
      return;
    }
    await assert.rejects(login, { code: "login_timeout" });
    assert.deepEqual(statuses, [405]);
    assert.ok(
      events.some((event) =>
        event.type === "rejected" && /--response-mode/.test(event.reason)
      ),
    );
  });
}
