import assert from "node:assert/strict";
import { assertLine, examined } from "./doctor.ts";
import { startMachine } from "./machine.ts";
import { reservePort } from "../support.ts";
import { makeLocalCertificate } from "../../src/certificate/local_ca.ts";

Deno.test("tdauth doctor asks each endpoint once for its headers, and asks no more with --offline", async () => {
  await using machine = await startMachine();
  await machine.signIn();
  const before = machine.sandbox.requests.length;
  const offline = await examined(machine);
  assertLine(offline, "network", "ok", /skipped/);
  assert.equal(machine.sandbox.requests.length, before);

  const lines = await examined(machine, []);
  for (const check of ["login_page", "token_endpoint", "api"]) {
    assertLine(
      lines,
      check,
      "ok",
      /^http:\/\/127\.0\.0\.1:\d+ responds \(\d+, \d+ ms\)$/,
    );
  }
  assertLine(lines, "clock", "ok", /matches/);
  const asked = machine.sandbox.requests.slice(before);
  assert.deepEqual(asked.map(({ method }) => method), ["HEAD", "HEAD", "HEAD"]);
  assert.ok(asked.every(({ grantType }) => grantType === undefined));
});

Deno.test("tdauth doctor sends no credential, and shows none of a proxy's", async () => {
  await using machine = await startMachine();
  const tokens = await machine.signIn();
  const sent: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { pathname, origin } = new URL(request.url);
      sent.push(
        [
          `${request.method} ${request.url}`,
          ...request.headers.entries(),
          await request.text(),
        ].join("\n"),
      );
      return pathname.startsWith("/.well-known")
        ? Response.json({
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          response_types_supported: ["code"],
        })
        : new Response(null, { status: 400 });
    },
  );
  const issuer = `http://127.0.0.1:${server.addr.port}`;
  Deno.writeTextFileSync(
    machine.tokenPath,
    JSON.stringify({ ...tokens, provider: issuer }),
  );
  machine.secrets.add("PROXY-PASSWORD");
  const lines = await examined(machine, ["--provider", issuer], {
    env: {
      TD_SANDBOX: undefined,
      HTTPS_PROXY: "http://me:PROXY-PASSWORD@127.0.0.1:9",
    },
  });
  assertLine(lines, "access_token", "ok", /valid/);
  assertLine(lines, "login_page", "ok", /responds \(400/);
  assertLine(lines, "token_endpoint", "ok", /responds/);
  assertLine(
    lines,
    "proxy",
    "ok",
    /^HTTPS_PROXY is http:\/\/…@127\.0\.0\.1:9$/,
  );
  assert.deepEqual(sent.map((text) => text.split("\n")[0]), [
    `GET ${issuer}/.well-known/openid-configuration`,
    `HEAD ${issuer}/authorize`,
    `HEAD ${issuer}/token`,
    `HEAD ${issuer}/`,
  ]);
  const all = sent.join("\n").toLowerCase();
  for (
    const secret of [
      ...machine.secrets,
      machine.sandbox.app.consumerKey,
      "authorization:",
      "authorization,",
      "cookie",
    ]
  ) assert.ok(!all.includes(secret.toLowerCase()), secret);
});

for (
  const [seconds, state, what] of [
    [90, "warning", /behind the broker's, .* shared .* seem valid too long$/],
    [-90, "warning", /ahead of the broker's, .* seem to expire too early$/],
    [80_000, "warning", /^22 hours .*behind the broker's, so tokens/],
    [90_000, "failed", /behind .*, so TLS .* appear not valid yet$/],
    [-90_000, "failed", /ahead of .*, so TLS .* appear expired$/],
  ] as const
) {
  Deno.test(`tdauth doctor says that the clock is ${-seconds} seconds from the broker's: ${state}`, async () => {
    await using machine = await startMachine();
    machine.sandbox.advance(seconds);
    assertLine(
      await examined(machine, []),
      "clock",
      state,
      what,
      /practice broker/,
    );
  });
}

Deno.test("tdauth doctor shows the command that sets the clock of the system it runs on", async () => {
  await using machine = await startMachine();
  const date = new Date(Date.now() - 3_600_000).toUTCString();
  await using server = issuerAt({ date });
  const run = (env: Record<string, string>) =>
    examined(machine, ["--provider", server.issuer], {
      env: { TD_SANDBOX: undefined, ...env },
    });
  assertLine(
    await run({}),
    "clock",
    "warning",
    /^1 hour ahead of/,
    /timedatectl|sntp|w32tm/,
  );
  if (Deno.build.os === "linux") {
    const wsl = await run({ WSL_DISTRO_NAME: "Debian" });
    assertLine(wsl, "clock", "warning", /1 hour/, /sudo hwclock -s$/);
  }
});

/** An issuer whose endpoints answer with these headers. */
function issuerAt(
  headers: Record<string, string>,
): AsyncDisposable & { issuer: string } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { origin } = new URL(request.url);
      return Response.json({
        issuer: origin,
        authorization_endpoint: `${origin}/authorize`,
        token_endpoint: `${origin}/token`,
        response_types_supported: ["code"],
      }, { headers });
    },
  );
  return {
    issuer: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("tdauth doctor warns of a broker in trouble and fails for one that is not there", async () => {
  await using machine = await startMachine();
  machine.sandbox.failNext({ endpoint: "token", status: 503 });
  assertLine(
    await examined(machine, []),
    "token_endpoint",
    "warning",
    /returns an error: 503/,
    /try again later/,
  );
  machine.sandbox.failNext({ endpoint: "authorize", cut: true });
  assertLine(
    await examined(machine, []),
    "login_page",
    "failed",
    /was reset/,
    /tdauth sandbox$/,
  );
  await machine.sandbox.close();
  assertLine(
    await examined(machine, []),
    "broker",
    "failed",
    /127\.0\.0\.1:\d+: the connection was refused/,
    /tdauth sandbox$/,
  );
});

Deno.test("tdauth doctor does not wait for ever for a broker that does not answer", async () => {
  await using machine = await startMachine();
  machine.sandbox.failNext({ endpoint: "token", delayMs: 60_000 });
  const start = performance.now();
  assertLine(
    await examined(machine, []),
    "token_endpoint",
    "failed",
    /accepted the connection but did not answer within 5 seconds/,
    /./,
  );
  assert.ok(performance.now() - start < 45_000);
});

Deno.test("tdauth doctor says that TD Ameritrade has closed, and sends no request", async () => {
  await using machine = await startMachine({ broker: "tdameritrade" });
  const lines = await examined(machine, [], { env: { TD_SANDBOX: undefined } });
  assertLine(
    lines,
    "broker",
    "failed",
    /closed its API in May 2024/,
    /--provider schwab/,
  );
  assert.ok(!lines.some(({ check }) => check === "token_endpoint"));
});

Deno.test("tdauth doctor distinguishes an untrusted certificate, an unreachable issuer, and a server that is not an issuer", async () => {
  await using machine = await startMachine();
  const run = (issuer: string) =>
    examined(machine, ["--provider", issuer], {
      env: { TD_SANDBOX: undefined },
    });
  const { cert, key } = await makeLocalCertificate(
    Math.floor(Date.now() / 1000),
  );
  await using server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert,
    key,
    onListen() {},
  }, () => new Response());
  assertLine(
    await run(`https://127.0.0.1:${server.addr.port}`),
    "issuer",
    "failed",
    /certificate is not trusted here/,
    /DENO_CERT.*DENO_TLS_CA_STORE=system$/,
  );
  using reserved = reservePort();
  assertLine(
    await run(`http://127.0.0.1:${reserved.port}`),
    "issuer",
    "failed",
    /refused/,
    /network/,
  );
  assertLine(
    await run(machine.sandbox.url),
    "issuer",
    "failed",
    /metadata/,
    /./,
  );
});

Deno.test("tdauth doctor names NO_PROXY when the practice broker is looked for behind a proxy", async () => {
  await using machine = await startMachine();
  for (
    const [proxy, fix] of [
      [{}, /^set NO_PROXY=127\.0\.0\.1, /],
      [{ NO_PROXY: "10.0.0.1, 127.0.0.1" }, undefined],
      [{ NO_PROXY: "127.0.0.0/8" }, undefined],
      // It exempts names alone.
      [{ NO_PROXY: "*" }, /^set NO_PROXY=127\.0\.0\.1, /],
    ] as const
  ) {
    const { stdout } = await machine.run(["doctor", "--json"], {
      env: { ...machine.appEnv, HTTP_PROXY: "http://127.0.0.1:9", ...proxy },
    });
    const { checks } = JSON.parse(stdout) as {
      checks: { check: string; fix?: string }[];
    };
    const found = checks.find(({ fix }) => fix?.includes("practice broker"));
    if (fix === undefined) assert.equal(found, undefined);
    else assert.match(found?.fix ?? "", fix);
  }
});

Deno.test("tdauth doctor says of a proxy's variables what the runtime makes of them", async () => {
  await using machine = await startMachine();
  const names = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"];
  const none = Object.fromEntries(names.map((name) => [name, undefined]));
  for (
    const [env, said] of [
      [{ HTTPS_PROXY: "proxy.example:3128" }, [
        "ok HTTPS_PROXY is http://proxy.example:3128",
      ]],
      [{ HTTPS_PROXY: "ftp://proxy.example" }, [
        "warning HTTPS_PROXY is not a proxy's URL, so it is ignored",
      ]],
      [{ HTTPS_PROXY: "http://a.example:1", ALL_PROXY: "http://b.example:1" }, [
        "ok HTTPS_PROXY is http://a.example:1; ALL_PROXY is used in its place",
        "ok ALL_PROXY is http://b.example:1",
      ]],
      [
        { HTTPS_PROXY: "http://a.example:1", NO_PROXY: "10.0.0.0/8,x.example" },
        [
          "ok HTTPS_PROXY is http://a.example:1",
          "ok NO_PROXY is 10.0.0.0/8,x.example",
        ],
      ],
      [{
        HTTPS_PROXY: "http://a.example:1",
        NO_PROXY: "*.x.example, Y.example",
      }, [
        "ok HTTPS_PROXY is http://a.example:1",
        "warning NO_PROXY is *.x.example, Y.example, of which *.x.example, Y.example has no effect",
      ]],
    ] as const
  ) {
    const { stdout } = await machine.run(["doctor", "--json"], {
      env: { ...machine.appEnv, ...none, ...env },
    });
    const { checks } = JSON.parse(stdout) as {
      checks: { check: string; state: string; what: string }[];
    };
    assert.deepEqual(
      checks.filter(({ check }) => check === "proxy")
        .map(({ state, what }) => `${state} ${what}`),
      said,
    );
  }
});
