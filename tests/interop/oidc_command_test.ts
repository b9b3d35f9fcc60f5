/** The real command against oidc-provider: logins, refreshes and logouts. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { reservePort, temporaryDirectory } from "../support.ts";
import {
  type AuthorizationServer,
  type ServerOptions,
  startAuthorizationServer,
} from "./authorization_server.ts";
import { type Outcome, tdauth } from "./command.ts";
import { denoLine } from "../../tools/deno.ts";

/** The token file, as far as it is looked at. */
interface TokenFile {
  readonly access_token: { readonly token: string };
  readonly refresh_token: { readonly token: string };
  readonly scope: string;
  readonly provider: string;
}

/** A server, a home directory, and the command in it. */
interface Place extends AsyncDisposable {
  readonly server: AuthorizationServer;
  /** Logs in; `approver` are flags of the scripted user. */
  login(approver?: string, flags?: Readonly<Record<string, string>>): Promise<
    Outcome
  >;
  /** Runs another command. */
  run(...args: string[]): Promise<Outcome>;
  /** The tokens on disk. */
  tokens(): TokenFile;
  /** Lets the access token on disk expire. */
  expire(): void;
}

async function place(
  options: Partial<ServerOptions> = {},
  secret = options.clientSecret,
): Promise<Place> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(temporaryDirectory()).path;
  const callbackUrl = `http://127.0.0.1:${stack.use(reservePort()).port}/cb`;
  const server = stack.use(
    await startAuthorizationServer({ callbackUrl, ...options }),
  );
  const env = secret === undefined ? {} : { TD_CONSUMER_SECRET: secret };
  const approver = fileURLToPath(new URL("approver.ts", import.meta.url));
  const all = stack.move();
  return {
    server,
    login: (approves = "", flags = {}) =>
      tdauth([
        "login",
        ...Object.entries({
          "--provider": server.issuer,
          "--consumer-key": "app",
          "--callback-url": callbackUrl,
          "--timeout": "20s",
          "--browser": `${denoLine("run", "-A", approver)} ${approves}`,
          ...flags,
        }).flat(),
      ], { home, env }),
    run: (...args) => tdauth(args, { home, env }),
    tokens: () => JSON.parse(Deno.readTextFileSync(`${home}/tdauth/app`)),
    expire() {
      const path = `${home}/tdauth/app`;
      const file = JSON.parse(Deno.readTextFileSync(path));
      file.access_token.access_time -= file.access_token.expires_in + 1;
      Deno.writeTextFileSync(path, JSON.stringify(file));
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const WAYS: readonly (readonly [string, Partial<ServerOptions>])[] = [
  ["discovers an OpenID provider", {}],
  ["discovers an OpenID provider whose issuer has a path", { path: "/a/b" }],
  [
    "discovers an RFC 8414 server",
    { wellKnown: "oauth-authorization-server" },
  ],
  [
    "discovers an RFC 8414 server whose issuer has a path",
    { wellKnown: "oauth-authorization-server", path: "/a/b" },
  ],
];
for (const [does, options] of WAYS) {
  Deno.test(`tdauth login ${does}, logs in with PKCE and stores tokens that work`, async () => {
    await using at = await place(options);
    const { code, stdout, stderr } = await at.login();
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");

    const [exchange, ...more] = at.server.grants("authorization_code");
    assert.deepEqual(more, []);
    const asked = at.server.requests.find(({ path }) => path === "/auth")
      ?.parameters;
    assert.equal(asked?.["code_challenge_method"], "S256");
    assert.equal(
      asked?.["code_challenge"],
      await s256(String(exchange?.parameters["code_verifier"])),
    );
    assert.equal(asked?.["scope"], "openid offline_access");

    const { access_token, refresh_token, scope, provider } = at.tokens();
    assert.equal(scope, "openid offline_access");
    assert.equal(provider, at.server.issuer);
    const answer = exchange?.answer as Record<string, unknown>;
    assert.equal(answer["access_token"], access_token.token);
    assert.equal(answer["refresh_token"], refresh_token.token);
    for (const secret of [access_token.token, refresh_token.token]) {
      assert.ok(!stderr.includes(secret));
    }

    const token = await at.run("token");
    assert.equal(token.code, 0, token.stderr);
    assert.equal(token.stdout, `${access_token.token}\n`);
    const me = await fetch(`${at.server.issuer}/me`, {
      headers: { authorization: `Bearer ${token.stdout.trim()}` },
    });
    assert.deepEqual(await me.json(), { sub: "pat" });
  });
}

Deno.test("tdauth login is not disturbed by the id_token of an OpenID provider", async () => {
  await using at = await place();
  const { code, stderr } = await at.login();
  assert.equal(code, 0, stderr);
  const [exchange] = at.server.grants("authorization_code");
  const answer = exchange?.answer as Record<string, unknown>;
  assert.match(String(answer["id_token"]), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.ok(!JSON.stringify(at.tokens()).includes(String(answer["id_token"])));
});

const MIXED_UP = [
  ["has another issuer", "--iss http://127.0.0.1:9", /unexpected "iss"/],
  ["lacks the issuer that is promised", "--no-iss", /"iss" \(issuer\) missing/],
] as const;
for (const [what, flags, why] of MIXED_UP) {
  Deno.test(`tdauth login fails, and sends no code anywhere, when the redirect ${what}`, async () => {
    await using at = await place();
    const { code, stderr } = await at.login(flags);
    assert.equal(code, 4, stderr);
    assert.match(stderr, why);
    assert.deepEqual(at.server.grants("authorization_code"), []);
    assert.throws(() => at.tokens().access_token.token);
  });
}

Deno.test("tdauth login refuses metadata of another issuer than the one it asked for", async () => {
  await using at = await place({
    metadata: { issuer: "https://login.example.com" },
  });
  const { code, stderr } = await at.login();
  assert.equal(code, 1, stderr);
  assert.match(stderr, /cannot use the metadata of .*issuer/);
  assert.deepEqual(
    new Set(at.server.requests.map(({ path }) => path)),
    new Set(["/.well-known/openid-configuration"]),
  );
});

Deno.test("tdauth login accepts only the issuer name in its metadata", async () => {
  await using at = await place();
  const { code, stderr } = await at.login("", {
    "--provider": at.server.issuer.replace("127.0.0.1", "localhost"),
  });
  assert.equal(code, 1, stderr);
  assert.match(stderr, /issuer/);
});

Deno.test("tdauth login rejects metadata that leads the user or the code to plain http elsewhere", async () => {
  for (const endpoint of ["authorization_endpoint", "token_endpoint"]) {
    await using at = await place({
      metadata: { [endpoint]: "http://login.example.com/x" },
    });
    const { code, stderr } = await at.login();
    assert.equal(code, 1, stderr);
    assert.match(stderr, /not https/);
  }
});

Deno.test("tdauth login refuses plain http for an issuer that is not on this machine", async () => {
  await using at = await place();
  for (const issuer of ["http://login.example.com", "http://127.0.0.2:80"]) {
    const { code, stderr } = await at.login("", { "--provider": issuer });
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      /an issuer's URL must start with https:\/\/\nhint: plain http is/,
    );
  }
  assert.deepEqual(at.server.requests, []);
});

Deno.test("tdauth login keeps the access token when the scope brings no refresh token, and every command says when the next login is due", async () => {
  await using at = await place();
  const { code, stderr } = await at.login("", { "--scope": "openid" });
  assert.equal(code, 0, stderr);
  const { access_token, refresh_token } = at.tokens();
  assert.equal(refresh_token, null);
  assert.match(
    stderr,
    /^Logged in\. Next login due by .* \(in (59 minutes|1 hour)[^)]*\)\.\nnote: .* issued no refresh token, so each access token takes a login; .*offline_access/m,
  );
  assert.equal((await at.run("token")).stdout, `${access_token.token}\n`);

  const { stdout } = await at.run("status");
  assert.match(stdout, /Refresh token +none: each access token takes a login/);
  assert.match(stdout, /Next login .*\(in (59 minutes|1 hour)/);
  const json = JSON.parse((await at.run("status", "--json")).stdout);
  assert.equal(json.refresh_token, null);
  assert.equal(json.login_needed_at, json.access_token.expires_at);
  const soon = await at.run("status", "--fail-within", "2h");
  assert.equal(soon.code, 3, soon.stderr);
  assert.match(soon.stderr, /without a login: the next one is due in/);

  const younger = await at.login("", {
    "--scope": "openid",
    "--if-older": "1d",
  });
  assert.match(younger.stderr, /^Already logged in: .* Next login due by /m);
  assert.equal(at.server.grants("authorization_code").length, 1);

  const refresh = await at.run("refresh");
  assert.equal(refresh.code, 3);
  assert.match(refresh.stderr, /: there is no refresh token\nhint: log in: /);
  const exported = await at.run("export", "--format", "tdauth");
  assert.equal(exported.code, 0, exported.stderr);
  assert.equal(JSON.parse(exported.stdout).refresh_token, null);
  const bare = await at.run("export", "--format", "refresh-token");
  assert.equal(bare.code, 2);
  assert.match(bare.stderr, /: there is no refresh token, and the format ref/);

  at.expire();
  for (const command of ["token", "status"]) {
    const late = await at.run(command);
    assert.equal(late.code, 3, command);
    assert.match(late.stderr, /has expired, and there is no refresh token\n/);
  }
  assert.deepEqual(at.server.grants("refresh_token"), []);
});

Deno.test("tdauth login ends with 4 when the user cancels at the server", async () => {
  await using at = await place();
  const { code, stderr } = await at.login("--cancel");
  assert.equal(code, 4, stderr);
  assert.match(stderr, /access was denied/);
  assert.deepEqual(at.server.grants("authorization_code"), []);
});

Deno.test("tdauth login ends with 2 when the server rejects the secret", async () => {
  await using at = await place(
    { clientSecret: "the right one" },
    "a wrong one",
  );
  const { code, stderr } = await at.login();
  assert.equal(code, 2, stderr);
  assert.match(stderr, /the consumer key or secret is wrong/);
  assert.ok(!stderr.includes("a wrong one"));
});

Deno.test("tdauth login logs in with a secret from the environment", async () => {
  await using at = await place({ clientSecret: "the right one" });
  const { code, stderr } = await at.login();
  assert.equal(code, 0, stderr);
  const [exchange] = at.server.grants("authorization_code");
  assert.equal(exchange?.authorization, `Basic ${btoa("app:the+right+one")}`);
});

Deno.test("tdauth refresh puts the rotated refresh token in place of the old one", async () => {
  await using at = await place();
  assert.equal((await at.login()).code, 0);
  const seen = [at.tokens()];
  for (let round = 0; round < 3; round++) {
    const { code, stderr } = await at.run("refresh");
    assert.equal(code, 0, stderr);
    seen.push(at.tokens());
  }
  assert.equal(new Set(seen.map((file) => file.access_token.token)).size, 4);
  assert.equal(new Set(seen.map((file) => file.refresh_token.token)).size, 4);
  assert.deepEqual(
    at.server.grants("refresh_token").map(({ parameters }) =>
      parameters["refresh_token"]
    ),
    seen.slice(0, 3).map((file) => file.refresh_token.token),
  );
});

Deno.test("tdauth refresh ends with 3 when someone else has used the refresh token", async () => {
  await using at = await place();
  assert.equal((await at.login()).code, 0);
  const { token } = at.tokens().refresh_token;
  assert.equal(await at.server.tryRefresh(token), 200);
  const { code, stderr } = await at.run("refresh");
  assert.equal(code, 3, stderr);
  assert.match(stderr, /hint: log in again: .* login$/m);
  assert.equal(at.server.revoked.length, 1, "the server counts it as theft");
});

Deno.test("tdauth refresh ends with 5 when the server is down, and keeps the tokens", async () => {
  await using at = await place();
  assert.equal((await at.login()).code, 0);
  const before = at.tokens();
  await at.server.close();
  const { code, stderr } = await at.run("refresh");
  assert.equal(code, 5, stderr);
  assert.deepEqual(at.tokens(), before);
});

Deno.test("tdauth logout revokes the tokens at the server and forgets them", async () => {
  await using at = await place();
  assert.equal((await at.login()).code, 0);
  const { access_token, refresh_token } = at.tokens();
  const { code, stdout, stderr } = await at.run("logout", "--json");
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^Logged out \(profile default\): the stored tokens are gone, and revoked\.$/m,
  );
  assert.deepEqual(JSON.parse(stdout), {
    logged_out: ["default"],
    revoked: ["default"],
    still_valid: {},
  });
  assert.ok(at.server.revoked.length > 0);
  assert.equal(await at.server.tryRefresh(refresh_token.token), 400);
  const me = await fetch(`${at.server.issuer}/me`, {
    headers: { authorization: `Bearer ${access_token.token}` },
  });
  await me.body?.cancel();
  assert.equal(me.status, 401);
  assert.throws(() => at.tokens().refresh_token.token);
  assert.equal((await at.run("token")).code, 3);
});

Deno.test("tdauth logout revokes what it can where the server cannot revoke its access tokens", async () => {
  await using at = await place({ jwt: true });
  assert.equal((await at.login()).code, 0);
  const { access_token, refresh_token } = at.tokens();
  assert.match(access_token.token, /^[\w-]+\.[\w-]+\.[\w-]+$/);
  const { code, stderr } = await at.run("logout");
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /gone, and revoked, but for the access token, which may stay valid until \w+day, /,
  );
  assert.equal(await at.server.tryRefresh(refresh_token.token), 400);
});

Deno.test("tdauth logout deletes the tokens even when the server is down, and says so", async () => {
  await using at = await place();
  assert.equal((await at.login()).code, 0);
  await at.server.close();
  const { code, stderr } = await at.run("logout");
  assert.equal(code, 5, stderr);
  assert.match(
    stderr,
    /on this machine only .*: the stored tokens are gone, but may stay valid until /,
  );
  assert.match(stderr, /\nhint: the stored tokens are gone, so this cannot be/);
  assert.throws(() => at.tokens().refresh_token.token);
});

async function s256(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(verifier),
  );
  return new Uint8Array(digest).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}
