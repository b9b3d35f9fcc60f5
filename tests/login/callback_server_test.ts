import assert from "node:assert/strict";
import { abortable } from "../../src/base/abortable.ts";
import { deadline } from "../../src/base/deadline.ts";
import { TITLES } from "../../src/login/callback_page.ts";
import { startCallbackServer } from "../../src/login/callback_server.ts";
import { TdauthError } from "../../src/base/errors.ts";
import { close, readResponse, send, write } from "./raw_http.ts";
import {
  ANSWER,
  CODE,
  isPending,
  isWaiting,
  localTls,
  nextOf,
  SCHEMES,
  start,
  STATE,
  StillTime,
  SUCCESS,
} from "./server_support.ts";
import { reservePort, untilFree } from "../support.ts";

for (const scheme of SCHEMES) {
  Deno.test(`startCallbackServer() turns one redirect into its parameters and shows the final page over ${scheme}`, async () => {
    await using it = await start(scheme);
    const { server, target, callbackUrl } = it;
    const redirected = await send(target, `/?${ANSWER}`);
    assert.equal(redirected.status, 303);
    assert.match(
      redirected.headers.get("location") ?? "",
      new RegExp(`^${callbackUrl}/\\?tdauth=[0-9a-f-]{36}$`),
    );
    assert.equal(redirected.body, "");
    const parameters = await server.redirect;
    assert.equal(parameters.get("code"), CODE);

    const page = send(target, nextOf(redirected));
    assert.ok(await isWaiting(target, page), "the page waits for the outcome");
    await server.finish(SUCCESS);
    const { status, body } = await page;
    assert.equal(status, 200);
    assert.match(body, new RegExp(TITLES.success));
    assert.match(body, /<\/html>\s*$/);
    await untilFree(it.port);
    assert.deepEqual(it.rejected, []);
  });
}

Deno.test("startCallbackServer() lets a browser that refused the certificate come back and complete", async () => {
  await using it = await start("https");
  const { server, target, port } = it;
  for (let attempt = 0; attempt < 3; attempt++) {
    const refusing = await Deno.connectTls({ hostname: "127.0.0.1", port });
    await assert.rejects(refusing.handshake(), /invalid peer certificate/);
    close(refusing);
  }
  const cleartext = await Deno.connect({ hostname: "127.0.0.1", port });
  await write(cleartext, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await readResponse(cleartext).catch(() => {});
  close(cleartext);
  assert.equal((await send(target, `/?${ANSWER}`)).status, 303);
  assert.equal((await server.redirect).get("code"), CODE);
});

Deno.test("startCallbackServer() speaks HTTP/2, as browsers do over TLS", async () => {
  await using it = await start("https", "/cb", { host: "localhost" });
  const { cert } = await localTls;
  using client = Deno.createHttpClient({ caCerts: [cert], http1: false });
  const redirected = await fetch(`${it.callbackUrl}?${ANSWER}`, {
    client,
    redirect: "manual",
  });
  await redirected.body?.cancel();
  assert.equal(redirected.status, 303);
  const { location } = Object.fromEntries(redirected.headers);
  const page = fetch(location ?? "", { client });
  assert.ok(await isWaiting(it.target, page));
  await it.server.finish(SUCCESS);
  assert.match(await (await page).text(), /<\/html>\s*$/);
});

Deno.test("startCallbackServer() keeps the registered URL's own path and query", async () => {
  await using it = await start("http", "/a%20b/cb?app=1&x");
  const { target, callbackUrl } = it;
  assert.equal((await send(target, `/cb?${ANSWER}`)).status, 404);
  assert.equal((await send(target, `/a%20b/cb/?${ANSWER}`)).status, 404);
  assert.equal((await send(target, "/a%20b/cb?app=1&x")).status, 400);
  const redirected = await send(target, `/a%20b/cb?app=1&x&${ANSWER}`);
  const location = redirected.headers.get("location") ?? "";
  assert.ok(location.startsWith(`${callbackUrl}&tdauth=`), location);
});

Deno.test("startCallbackServer() says at the callback URL, before the redirect, that it waits for it", async () => {
  await using it = await start("http");
  const { status, body } = await send(it.target, "/");
  assert.equal(status, 400);
  assert.match(body, /Waiting for your broker/);
  assert.ok(await isPending(it.server.redirect));
  // Its address may have a fragment, which only the person sees.
  assert.deepEqual(it.rejected, ["no_answer"]);
});

Deno.test("startCallbackServer() passes a refusal with the right state on", async () => {
  await using it = await start("http");
  const query = `error=access_denied&error_description=No+way&state=${STATE}`;
  assert.equal((await send(it.target, `/?${query}`)).status, 303);
  const parameters = await it.server.redirect;
  assert.equal(parameters.get("error"), "access_denied");
  assert.equal(parameters.get("error_description"), "No way");
});

Deno.test("startCallbackServer() rejects an empty state, and https without a certificate", async () => {
  const callbackUrl = "https://127.0.0.1:8182";
  await assert.rejects(
    startCallbackServer({ callbackUrl, state: "" }),
    TypeError,
  );
  await assert.rejects(
    startCallbackServer({ callbackUrl, state: STATE }),
    TypeError,
  );
});

Deno.test(
  "CallbackServer.finish() serves the page to a browser that comes for it late, and leaves no timer",
  {
    sanitizeOps: true,
    sanitizeResources: true,
  },
  async () => {
    const time = new StillTime();
    await using it = await start("http", "", { after: time.after });
    const next = nextOf(await send(it.target, `/?${ANSWER}`));
    const finished = it.server.finish(SUCCESS);
    assert.ok(await isPending(finished));
    assert.equal((await send(it.target, next)).status, 200);
    assert.ok(await isPending(finished), "the page needs time to leave");
    assert.deepEqual(time.waits, [50]);
    time.pass();
    await finished;
  },
);

Deno.test(
  "CallbackServer.finish() waits 0.8 seconds when no browser comes for the page, then frees the port, and leaves no timer",
  {
    sanitizeOps: true,
    sanitizeResources: true,
  },
  async () => {
    const time = new StillTime();
    await using it = await start("http", "", { after: time.after });
    await send(it.target, `/?${ANSWER}`);
    const finished = it.server.finish(SUCCESS);
    assert.ok(await isPending(finished));
    assert.deepEqual(time.waits, [800]);
    time.pass();
    await finished;
    await untilFree(it.port);
  },
);

Deno.test("CallbackServer.finish() does not wait when no redirect came, as after a pasted URL", async () => {
  const time = new StillTime();
  await using it = await start("http", "", { after: time.after });
  await it.server.finish(SUCCESS);
  await assert.rejects(it.server.redirect, { code: "login_cancelled" });
  assert.equal(it.server.finish(SUCCESS), it.server.finish(SUCCESS));
});

Deno.test("CallbackServer.finish() shows the page in every tab that waits, and closes at a bounded number", async () => {
  await using it = await start("http");
  const next = nextOf(await send(it.target, `/?${ANSWER}`));
  const pages = Array.from({ length: 70 }, () => send(it.target, next));
  // Once so many are refused all others wait.
  let refused = 0;
  const full = Promise.withResolvers<void>();
  for (const page of pages) {
    page.then(({ status }) => status === 503 && ++refused === 6)
      .then((last) => last && full.resolve(), full.reject);
  }
  await full.promise;
  await it.server.finish(SUCCESS);
  const statuses = (await Promise.all(pages)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 64);
  assert.equal(statuses.filter((status) => status === 503).length, 6);
});

Deno.test("CallbackServer.close() ends requests, the port and the promise immediately, and may be called again", async () => {
  await using it = await start("http");
  const next = nextOf(await send(it.target, `/?${ANSWER}`));
  await using other = await start("http");
  const page = send(it.target, next).catch(() => undefined);
  assert.ok(await isWaiting(it.target, page));
  await it.server.close();
  await it.server.close();
  await untilFree(it.port);
  assert.equal((await it.server.redirect).get("code"), CODE);
  assert.notEqual((await page)?.status, 200);
  await it.server.finish(SUCCESS);

  await other.server.close();
  await assert.rejects(other.server.redirect, (error) => {
    assert.ok(error instanceof TdauthError);
    assert.equal(error.code, "login_cancelled");
    return true;
  });
});

Deno.test("startCallbackServer() gets a port that is let go of a moment later", async () => {
  using reserved = reservePort();
  const { port } = reserved;
  const holder = Deno.listen({ hostname: "127.0.0.1", port });
  let held = true;
  let startedWhileHeld = false;
  const starting = startCallbackServer({
    callbackUrl: `http://127.0.0.1:${port}`,
    state: STATE,
  });
  starting.then(() => startedWhileHeld = held, () => {});
  // Its first try was at once: a timer fires after all that is done at once.
  setTimeout(() => {
    held = false;
    holder.close();
  }, 1);
  await (await starting).close();
  assert.equal(startedWhileHeld, false);
});

/** An answer that must not wait for the final page; what does is cut off. */
async function atOnce<T>(answer: Promise<T>): Promise<T> {
  using limit = deadline(20_000, {
    reason: () => new Error("it waits for the final page"),
  });
  return await abortable(answer, limit.signal);
}

for (const scheme of SCHEMES) {
  Deno.test(`CallbackServer.finish() keeps the page for the browser that brought the redirect, whatever else asks for the URL over ${scheme}`, async () => {
    const time = new StillTime();
    await using it = await start(scheme, "", { after: time.after });
    const { target } = it;
    const before = send(target, "/"); // a poller that was there first
    assert.match((await before).body, new RegExp(TITLES.waiting));
    const next = nextOf(await send(target, `/?${ANSWER}`));
    const wrong = [
      ...["/", "/?tdauth=", "/?tdauth=x", `/${next}`, `${next}0`],
      next.replace(/.$/, (last) => last === "0" ? "1" : "0"),
      `/?tdauth=x&${next.slice(2)}`,
    ];
    // More of them than may wait for the page.
    for (let round = 0; round < 10; round++) {
      for (const path of wrong) {
        const { status, body } = await atOnce(send(target, path));
        assert.ok(status === 400 || status === 404, `${path}: ${status}`);
        assert.doesNotMatch(body, /logged in/, path);
      }
    }
    const finished = it.server.finish(SUCCESS);
    for (const path of wrong) {
      const { body } = await atOnce(send(target, path));
      assert.doesNotMatch(body, /logged in/, path);
    }
    assert.ok(await isPending(finished));
    assert.deepEqual(time.waits, [800], "it waits for that browser still");
    assert.match((await send(target, next)).body, /logged in/);
    time.pass();
    await finished;
    assert.deepEqual(it.rejected, ["no_answer"]);
  });
}

Deno.test("startCallbackServer() tells of a wrong method and host, unless a page sent that, or the redirect is here", async () => {
  await using it = await start("http");
  const { target, rejected } = it;
  const host = `localhost:${it.port}`;
  const odd = async () => {
    assert.equal((await send(target, "/x", { method: "PUT" })).status, 405);
    assert.equal((await send(target, `/?${ANSWER}`, { host })).status, 421);
  };
  await odd();
  assert.deepEqual(rejected, ["wrong_method", "wrong_host"]);
  for (const mode of ["cors", "no-cors", "websocket"]) {
    const headers = { "sec-fetch-mode": mode };
    await send(target, "/", { host, headers });
    await send(target, "/", { method: "OPTIONS", headers });
  }
  assert.equal(rejected.length, 2);
  await send(target, `/?${ANSWER}`);
  await odd();
  assert.equal(rejected.length, 2);
});

Deno.test("startCallbackServer() says until when it waits on the pages that come before the redirect", async () => {
  await using it = await start("http", "", {
    until: new Date(2026, 10, 30, 9, 5),
  });
  for (const path of ["/", "/?code=x&state=wrong"]) {
    const { body } = await send(it.target, path);
    assert.match(body, /waits until <strong>9:05<\/strong>\. After that/);
  }
  await using other = await start("http");
  assert.doesNotMatch((await send(other.target, "/")).body, /waits until/);
});
