import assert from "node:assert/strict";
import { abilities } from "../../src/cli/doctor/provider.ts";
import type { Provider } from "../../src/providers/provider.ts";
import { assertLine, examined } from "./doctor.ts";
import { startMachine } from "./machine.ts";

const CHECKS = [
  ...["client", "pkce", "revocation", "device_login", "refresh_tokens"],
];

Deno.test("tdauth doctor says what a preset's provider can do, without network access", async () => {
  await using machine = await startMachine();
  for (const args of [["--offline"], []]) {
    const lines = await examined(machine, args);
    for (
      const [check, what] of [
        ["client", /^key and secret in a Basic header, as they are$/],
        ["pkce", /^not sent$/],
        ["revocation", /^none: a logout deletes the tokens here/],
        ["device_login", /^not offered$/],
        [
          "refresh_tokens",
          /^always issued; valid for 7 days from the login; kept at a refresh$/,
        ],
      ] as const
    ) assertLine(lines, check, "ok", what);
  }
});

Deno.test("tdauth doctor says what an issuer can do by its metadata, and nothing where these cannot be had", async () => {
  await using machine = await startMachine();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { pathname, origin } = new URL(request.url);
      return pathname.startsWith("/.well-known")
        ? Response.json({
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          revocation_endpoint: `${origin}/revoke`,
          response_types_supported: ["code"],
          code_challenge_methods_supported: ["S256"],
          token_endpoint_auth_methods_supported: ["client_secret_post"],
        })
        : new Response(null, { status: 400 });
    },
  );
  const run = (port: number, args: string[] = []) =>
    examined(machine, ["--provider", `http://127.0.0.1:${port}`, ...args], {
      env: { TD_SANDBOX: undefined },
    });
  const lines = await run(server.addr.port);
  assertLine(lines, "client", "ok", /^key and secret in the body$/);
  assertLine(lines, "pkce", "ok", /^S256$/);
  assertLine(lines, "revocation", "ok", /^offered: /);
  assertLine(lines, "refresh_tokens", "ok", /^issued where the app and the/);
  for (
    const unknown of [
      await run(server.addr.port, ["--offline"]),
      await run(machine.port),
    ]
  ) {
    assert.ok(!unknown.some(({ check }) => CHECKS.includes(check)));
  }
});

Deno.test("abilities() describes every way of a provider", () => {
  const provider: Provider = {
    id: "acme",
    name: "Acme",
    authorizationEndpoint: "https://acme.example/authorize",
    tokenEndpoint: "https://acme.example/token",
  };
  const what = (more: Partial<Provider>, hasSecret = true) =>
    Object.fromEntries(
      abilities({ ...provider, ...more }, hasSecret)
        .map(({ check, what }) => [check, what]),
    );
  const usual = what({});
  assert.match(usual["client"] ?? "", /percent-encoded \(the default\)$/);
  assert.equal(usual["PKCE"], "S256");
  assert.match(usual["refresh tokens"] ?? "", /; a refresh may replace them$/);
  assert.match(what({}, false)["client"] ?? "", /^the key alone/);
  const device = { deviceAuthorizationEndpoint: "https://acme.example/device" };
  assert.equal(what(device)["device login"], "offered");
  assert.match(
    what({ refreshTokenLifetime: 7_776_000 })["refresh tokens"] ?? "",
    /; valid for 90 days; /,
  );
});

Deno.test("tdauth doctor shows the client authentication that the broker has accepted, and sends the provider's User-Agent", async () => {
  await using machine = await startMachine();
  const seen: string[] = [];
  let accepts = true;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => {
      const { pathname, origin } = new URL(request.url);
      const { headers } = request;
      seen.push(`${request.method} ${headers.get("user-agent")}`);
      if (pathname.startsWith("/.well-known")) {
        return Response.json({
          issuer: origin,
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          response_types_supported: ["code"],
          token_endpoint_auth_methods_supported: [
            ...["client_secret_basic", "client_secret_post"],
          ],
        });
      }
      if (request.method === "HEAD") return new Response(null, { status: 400 });
      return accepts && !headers.has("authorization")
        ? Response.json({ access_token: "CANARY-A", token_type: "Bearer" })
        : Response.json({ error: "invalid_client" }, { status: 401 });
    },
  );
  const issuer = `http://127.0.0.1:${server.addr.port}`;
  const tokens = await machine.signIn();
  Deno.writeTextFileSync(
    machine.tokenPath,
    JSON.stringify({ ...tokens, provider: issuer }),
  );
  const env = { TD_SANDBOX: undefined, TD_USER_AGENT: "acme/1.0" };
  const run = async (args: string[], more = {}) =>
    await examined(machine, ["--provider", issuer, ...args], {
      env: { ...env, ...more },
    });
  const refresh = () =>
    machine.run(["refresh", "--provider", issuer], {
      env: { ...machine.appEnv, ...env },
    });
  const usual = /^key and secret in a Basic header, percent-encoded \(the def/;
  assertLine(await run([]), "client", "ok", usual);
  const first = await refresh();
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /access token is valid for an unknown time\.$/m);
  assertLine(
    await run([]),
    "client",
    "ok",
    /^key and secret in the body \(what the broker has accepted\)$/,
  );
  const other = { TD_CONSUMER_SECRET: "CANARY-other-secret" };
  assertLine(await run([], other), "client", "ok", usual);
  accepts = false;
  assert.equal((await refresh()).code, 2);
  assertLine(
    await run([]),
    "client",
    "warning",
    /^the broker rejected it on .*: .*/,
    /configure/,
  );
  assert.deepEqual([...new Set(seen)].sort(), [
    ...["GET acme/1.0", "HEAD acme/1.0", "POST acme/1.0"],
  ]);
});
