/** The lines of the security checklist that are about the callback server. */
import assert from "node:assert/strict";
import { callbackHosts } from "../../src/login/callback_server.ts";
import { startCallbackServer } from "../../src/login/callback_server.ts";
import { reservePort, untilFree } from "../support.ts";
import { close, connect, readResponse, send, write } from "./raw_http.ts";
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

Deno.test("callbackHosts() names 127.0.0.1 and ::1 only; any other host is never listened on", async () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["http://localhost:8080", ["127.0.0.1", "::1"]],
    ["HTTPS://LOCALHOST:8182/x", ["127.0.0.1", "::1"]],
    ["https://127.0.0.1:8182", ["127.0.0.1"]],
    ["https://127.0.0.1", ["127.0.0.1"]],
    ["http://[::1]:8182/cb", ["::1"]],
    ["https://0.0.0.0:8182", []],
    ["https://[::]:8182", []],
    ["https://127.0.0.2:8182", []],
    ["https://192.168.1.5:8182", []],
    ["https://localhost.evil.example:8182", []],
    ["https://127.0.0.1@evil.example:8182", []],
    ["https://app.localhost:8182", []],
    ["https://example.com/cb", []],
    ["http://127.0.0.1:0", []],
    ["myapp://127.0.0.1:8182", []],
    ["8182", []],
  ];
  for (const [callbackUrl, hosts] of cases) {
    assert.deepEqual(callbackHosts(callbackUrl), hosts, callbackUrl);
    if (hosts.length === 0) {
      await assert.rejects(
        startCallbackServer({ callbackUrl, state: STATE }),
        { code: "invalid_options" },
      );
    }
  }
});

Deno.test("startCallbackServer() cannot be reached from the network", async () => {
  const addresses = Deno.networkInterfaces()
    .filter(({ family, address }) =>
      family === "IPv4" && !address.startsWith("127.")
    )
    .map(({ address }) => address);
  await using it = await start("http", "", { host: "localhost" });
  for (const hostname of [...addresses, "127.0.0.2"]) {
    await assert.rejects(
      Deno.connect({ hostname, port: it.port }),
      Deno.errors.ConnectionRefused,
    );
  }
});

Deno.test("startCallbackServer() listens on both families on the same port for localhost", async () => {
  for (const scheme of SCHEMES) {
    await using it = await start(scheme, "", { host: "localhost" });
    for (const hostname of ["127.0.0.1", "::1"]) {
      const { status } = await send({ ...it.target, hostname }, "/", {
        host: `localhost:${it.port}`,
      });
      assert.equal(status, 400);
    }
  }
  await using six = await start("http", "", { host: "[::1]" });
  const { status } = await send({ port: six.port, hostname: "::1" }, "/", {
    host: `[::1]:${six.port}`,
  });
  assert.equal(status, 400);
  await assert.rejects(
    connect({ port: six.port }),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("startCallbackServer() fails, and frees the port, when https cannot be proven to answer", async () => {
  const { cert } = await localTls;
  const { makeLocalCertificate } = await import(
    "../../src/certificate/local_ca.ts"
  );
  const other = await makeLocalCertificate(Math.floor(Date.now() / 1000));
  // Its key fits, so that listening succeeds, but no client accepts its signature.
  const forged = cert.replace(
    /([A-Za-z0-9+/])([A-Za-z0-9+/]{3})(=*\n-----END)/,
    (_, letter, rest, end) => (letter === "A" ? "B" : "A") + rest + end,
  );
  assert.notEqual(forged, cert);
  for (
    const tls of [
      { cert, key: other.key },
      { cert: "nonsense", key: other.key },
      { cert, key: "nonsense" },
      { cert: forged, key: (await localTls).key },
    ]
  ) {
    using reserved = reservePort();
    const { port } = reserved;
    await assert.rejects(
      startCallbackServer({
        callbackUrl: `https://localhost:${port}`,
        state: STATE,
        tls,
      }),
      { code: "certificate_failed" },
    );
    await untilFree(port);
  }
});

Deno.test("startCallbackServer() answers 421 to a Host that is not the callback URL's and changes nothing", async () => {
  for (const scheme of SCHEMES) {
    await using it = await start(scheme);
    const hosts = [
      "evil.example",
      `evil.example:${it.port}`,
      `127.0.0.1:${it.port}.evil.example`,
      `localhost:${it.port}`,
      `127.0.0.1:${it.port + 1}`,
      "127.0.0.1",
      `127.0.0.1:${it.port}/`,
      `127.0.0.1:${it.port}@evil.example`,
      `[::1]:${it.port}`,
      "",
      null,
    ];
    for (const host of hosts) {
      const { status } = await send(it.target, `/?${ANSWER}`, { host });
      assert.equal(status, 421, `${scheme} ${host}`);
    }
    const absolute = await send(
      it.target,
      `${scheme}://evil.example/?${ANSWER}`,
    );
    assert.equal(absolute.status, 421);
    assert.ok(await isPending(it.server.redirect));
    // Each is told, for the user may have typed another name of this machine.
    assert.deepEqual(
      it.rejected,
      Array(hosts.length + 1).fill("wrong_host"),
    );
  }
  await using named = await start("http", "", { host: "localhost" });
  const { status } = await send(named.target, `/?${ANSWER}`, {
    host: `LocalHost:${named.port}`,
  });
  assert.equal(status, 303);
});

Deno.test("startCallbackServer() answers other methods 405, another path 404 and /favicon.ico 204, and none ends the login", async () => {
  await using it = await start("http", "/cb");
  for (
    const method of [
      "HEAD",
      "POST",
      "PUT",
      "DELETE",
      "OPTIONS",
      "PATCH",
      "TRACE",
    ]
  ) {
    const { status, headers } = await send(it.target, `/cb?${ANSWER}`, {
      method,
    });
    assert.equal(status, 405, method);
    assert.equal(headers.get("allow"), "GET", method);
  }
  for (const path of ["/", "/cb/", "/CB", "//cb", "/cb/../cb", "/%63b"]) {
    const { status } = await send(it.target, `${path}?${ANSWER}`);
    assert.equal(status, 404, path);
  }
  assert.equal((await send(it.target, "/favicon.ico")).status, 204);
  assert.ok(await isPending(it.server.redirect));
  // What a provider may have posted is told apart.
  assert.deepEqual(it.rejected, [
    "wrong_method",
    "posted",
    ...Array(5).fill("wrong_method"),
  ]);
  assert.equal((await send(it.target, `/cb?${ANSWER}`)).status, 303);
  await it.server.redirect;
});

Deno.test("startCallbackServer() answers a rejected redirect with 400 and the login continues", async () => {
  const cases: readonly (readonly [string, string])[] = [
    ["code=evil&state=wrong", "wrong_state"], // line 6
    ["code=evil", "missing_state"],
    ["error=access_denied", "missing_state"], // line 7
    ["error=access_denied&state=wrong", "wrong_state"],
    [`code=a&code=b&state=${STATE}`, "repeated_parameter"], // line 8
    [`code=a&state=${STATE}&state=wrong`, "repeated_parameter"],
    [`error=a&error=a&state=${STATE}`, "repeated_parameter"],
    [`code=a&state=${STATE}&iss=a&iss=b`, "repeated_parameter"],
    [`state=${STATE}`, "missing_code"],
  ];
  await using it = await start("http");
  for (const [query, reason] of cases) {
    const { status, body } = await send(it.target, `/?${query}`);
    assert.equal(status, 400, query);
    assert.match(body, /is from a different login/);
    assert.ok(!body.includes("evil") && !body.includes(STATE));
    assert.equal(it.rejected.at(-1), reason);
  }
  assert.equal(it.rejected.length, cases.length);
  assert.ok(await isPending(it.server.redirect));
  assert.equal((await send(it.target, `/?${ANSWER}`)).status, 303);
  assert.equal((await it.server.redirect).get("code"), CODE);
});

Deno.test("startCallbackServer() never takes a second valid callback, which sees the same final page", async () => {
  const time = new StillTime();
  await using it = await start("http", "", { after: time.after });
  const again = `/?code=second&state=${STATE}`;
  const answers = await Promise.all([
    send(it.target, `/?${ANSWER}`),
    send(it.target, `/?${ANSWER}`),
  ]);
  const late = await send(it.target, again);
  assert.deepEqual([...answers, late].map(({ status }) => status), [
    303,
    303,
    303,
  ]);
  assert.equal((await it.server.redirect).get("code"), CODE);
  const pages = answers.map((answer) => send(it.target, nextOf(answer)));
  const finished = it.server.finish(SUCCESS);
  for (const page of pages) assert.match((await page).body, /logged in/);
  time.pass();
  await finished;
  assert.equal((await it.server.redirect).get("code"), CODE);
});

Deno.test("startCallbackServer() sends every answer with the headers that keep it private and inert", async () => {
  await using it = await start("http");
  const page = async () => {
    const answer = send(it.target, next);
    await isPending(answer);
    await it.server.finish(SUCCESS);
    return await answer;
  };
  let next = "";
  const answers = [
    await send(it.target, "/"),
    await send(it.target, "/?code=a&state=b"),
    await send(it.target, "/elsewhere"),
    await send(it.target, "/favicon.ico"),
    await send(it.target, "/", { host: "evil.example" }),
    await send(it.target, "/", { method: "POST" }),
  ];
  const redirected = await send(it.target, `/?${ANSWER}`);
  next = nextOf(redirected);
  answers.push(redirected, await send(it.target, "/"), await page());
  for (const { status, headers, body } of answers) {
    assert.equal(headers.get("cache-control"), "no-store", `${status}`);
    assert.equal(headers.get("referrer-policy"), "no-referrer");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /^default-src 'none';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|http/);
    const style = /<style>([^<]*)<\/style>/.exec(body)?.[1];
    if (style === undefined) continue;
    const digest = await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(style),
    );
    const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
    assert.ok(policy.includes(`style-src 'sha256-${hash}'`));
    assert.doesNotMatch(
      body,
      /<script|<link|<img|<iframe|\ssrc=|\shref=|\sstyle=|@import|url\(/,
    );
  }
});

Deno.test("startCallbackServer() sends the browser from the code to a clean URL by 303", async () => {
  for (const scheme of SCHEMES) {
    await using it = await start(scheme, "//evil.example/cb");
    const { status, headers } = await send(
      it.target,
      `//evil.example/cb?${ANSWER}`,
    );
    assert.equal(status, 303);
    const location = headers.get("location") ?? "";
    assert.ok(location.startsWith(`${it.callbackUrl}?tdauth=`), location);
    assert.doesNotMatch(location, /code|state/);
  }
});

for (const scheme of SCHEMES) {
  Deno.test(`startCallbackServer() completes and frees the port over ${scheme}, whatever idle, half, kept-alive and deaf clients do`, async () => {
    await using it = await start(scheme);
    const { target, port } = it;
    const host = `Host: 127.0.0.1:${port}\r\n`;
    const clients: Deno.Conn[] = [];
    const bare = { port };
    for (let index = 0; index < 3; index++) {
      clients.push(await connect(bare)); // idle preconnects, before any TLS
      clients.push(await connect(target)); // and after
      const half = await connect(target);
      await write(half, `GET /?${ANSWER} HTTP/1.1\r\nHost: 127.`);
      clients.push(half);
      const kept = await connect(target);
      await write(
        kept,
        `GET /x HTTP/1.1\r\n${host}Connection: keep-alive\r\n\r\n`,
      );
      await readResponse(kept);
      clients.push(kept);
      const deaf = await connect(target);
      await write(deaf, `GET / HTTP/1.1\r\n${host}\r\n`.repeat(50));
      clients.push(deaf);
    }
    const redirected = await send(target, `/?${ANSWER}`);
    assert.equal(redirected.status, 303);
    await it.server.redirect;
    const waitingDeaf = await connect(target);
    const next = nextOf(redirected);
    await write(waitingDeaf, `GET ${next} HTTP/1.1\r\n${host}\r\n`.repeat(50));
    clients.push(waitingDeaf);
    const page = send(target, next);
    assert.ok(await isWaiting(target, page));
    const finished = it.server.finish(SUCCESS);
    assert.match((await page).body, /<\/html>\s*$/);
    await finished;
    await untilFree(port);
    clients.forEach(close);
  });
}

Deno.test("startCallbackServer() answers or drops a URL over 16 KiB and a flood of 1,000 requests, and the login still completes", async () => {
  for (const scheme of SCHEMES) {
    await using it = await start(scheme);
    const { target } = it;
    const long = await send(target, `/?${ANSWER}&x=${"x".repeat(16 * 1024)}`);
    assert.equal(long.status, 414);
    await assert.doesNotReject(
      send(target, `/?${"x".repeat(2_000_000)}`).then(
        ({ status }) => assert.ok(status >= 400),
        () => {},
      ),
    );
    assert.ok(await isPending(it.server.redirect));
    const before = Deno.memoryUsage().rss;
    let answered = 0;
    await Promise.all(Array.from({ length: 50 }, async () => {
      for (let index = 0; index < 20; index++) {
        const { status } = await send(target, "/?code=x&state=y");
        if (status === 400) answered++;
      }
    }));
    assert.equal(answered, 1000);
    assert.ok(Deno.memoryUsage().rss - before < 200 * 2 ** 20);
    const redirected = await send(target, `/?${ANSWER}`);
    assert.equal(redirected.status, 303);
    const next = nextOf(redirected);
    const flood = Array.from(
      { length: 200 },
      () => send(target, next).catch(() => undefined),
    );
    await it.server.finish(SUCCESS);
    const statuses = (await Promise.all(flood)).map((page) => page?.status);
    assert.ok(statuses.includes(200));
  }
});

Deno.test(
  "startCallbackServer() frees port and timers immediately when its signal aborts, and rejects with the reason",
  {
    sanitizeOps: true,
    sanitizeResources: true,
  },
  async () => {
    for (const scheme of SCHEMES) {
      const controller = new AbortController();
      const reason = new Error("enough");
      await using it = await start(scheme, "", { signal: controller.signal });
      const idle = await connect(it.target);
      controller.abort(reason);
      await assert.rejects(it.server.redirect, reason);
      await untilFree(it.port);
      await it.server.finish(SUCCESS);
      close(idle);
      await assert.rejects(
        start(scheme, "", { signal: controller.signal }),
        reason,
      );
    }
    // While the final page waits for its browser, too.
    const controller = new AbortController();
    await using it = await start("http", "", { signal: controller.signal });
    await send(it.target, `/?${ANSWER}`);
    const finished = it.server.finish(SUCCESS);
    assert.ok(await isPending(finished));
    controller.abort();
    await finished;
    await untilFree(it.port);
  },
);

Deno.test("startCallbackServer() names the port that is in use and listens on no other", async () => {
  for (const hostname of ["127.0.0.1", "::1"]) {
    using reserved = reservePort();
    const { port } = reserved;
    using _holder = Deno.listen({ hostname, port });
    await assert.rejects(
      startCallbackServer({
        callbackUrl: `http://localhost:${port}`,
        state: STATE,
      }),
      (error: Error & { code?: string; hint?: unknown }) => {
        assert.equal(error.code, "port_in_use");
        assert.ok(error.message.includes(`:${port}`), error.message);
        assert.ok(error.message.includes(hostname), error.message);
        assert.match(
          `${error.hint}`,
          new RegExp(`lsof -i :${port}`),
        );
        return true;
      },
    );
    const free = hostname === "::1" ? "127.0.0.1" : "::1";
    await untilFree(port, [free]); // the other family was given back
  }
});

Deno.test({
  name:
    "startCallbackServer() says which permission is missing instead of asking for it",
  permissions: { net: false },
  async fn() {
    await assert.rejects(
      startCallbackServer({
        callbackUrl: "http://127.0.0.1:8182",
        state: STATE,
      }),
      (error: Error & { code?: string; hint?: unknown }) => {
        assert.equal(error.code, "invalid_options");
        assert.match(
          `${error.hint}`,
          /--allow-net=127\.0\.0\.1:8182/,
        );
        return true;
      },
    );
  },
});
