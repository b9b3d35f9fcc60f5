/** What tdauth does at every server that this project did not write. */
import assert from "node:assert/strict";
import { cleanEnv } from "../interop/command.ts";
import { runFleet } from "../processes/fleet.ts";
import { reservePort } from "../support.ts";
import { clientsOf, refusedClients } from "./clients.ts";
import { type TokenFile, userOf } from "./home.ts";
import type { Client, RealServer, ServerKind } from "./real_server.ts";

const PROCESSES = 20;
/** How long an access token lives, in seconds: longer than any test. */
const LIFE = 3600;

/** Registers the tests of a server. */
export function testServer(kind: ServerKind): void {
  const name = `tdauth at ${kind.name}`;
  Deno.test({
    name: kind.present
      ? name
      : `${name} (ignored: there is no ${kind.name} on this machine)`,
    ignore: !kind.present,
    fn: (t) => run(kind, t),
  });
}

async function run(kind: ServerKind, t: Deno.TestContext): Promise<void> {
  using port = reservePort();
  const callbackUrl = `http://127.0.0.1:${port.port}/cb`;
  const special = clientsOf(kind);
  const refused = refusedClients(kind);
  const simple = ["life", "fleet", "stolen", "ended", "out", "wrong"]
    .map((id) => ({ id: `app${id}`, secret: "secret" }));
  const [life, fleet, stolen, ended, out, wrong] = simple;
  assert.ok(life && fleet && stolen && ended && out && wrong);
  await using server = await kind.start({
    clients: [...simple, ...special, ...refused],
    callbackUrl,
    accessTokenLife: LIFE,
  });
  const at = (client: Client) => userOf(kind, server, client, callbackUrl);
  const of = (client: Client) => server.records(client);

  await t.step(
    "registers every character but those that it is said to refuse",
    () => {
      assert.deepEqual(server.refused, refused.map(({ id }) => id));
    },
  );

  await t.step(
    "login, token and refresh: the server accepts each token and records each refresh",
    async () => {
      await using user = at(life);
      const seen = [await user.login()];
      const whoIsIn = async () => {
        const { stdout } = await user.run("status", "--json");
        const { claims } = JSON.parse(stdout);
        return [claims?.iss, typeof claims?.sub];
      };
      const them = kind.identifies
        ? [server.settings["TD_PROVIDER"], "string"]
        : [undefined, "undefined"];
      assert.deepEqual(await whoIsIn(), them);
      const first = await user.run("token");
      assert.equal(first.code, 0, first.stderr);
      assert.equal(first.stdout, `${seen[0]?.access_token.token}\n`);
      assert.ok(await server.accepts(first.stdout.trimEnd()));
      assert.deepEqual(await of(life), { refreshed: 0, live: 1 });

      for (let round = 1; round <= 2; round++) {
        const { code, stderr } = await user.run("refresh");
        assert.equal(code, 0, stderr);
        assert.deepEqual(await of(life), { refreshed: round, live: 1 });
        seen.push(user.tokens());
        assert.ok(await server.accepts(user.tokens().access_token.token));
        assert.deepEqual(await whoIsIn(), them, "a refresh keeps the user");
      }
      const different = (pick: (file: TokenFile) => string) =>
        new Set(seen.map(pick)).size;
      assert.equal(different((file) => file.access_token.token), 3);
      assert.equal(
        different((file) => file.refresh_token.token),
        kind.reuse === "same token" ? 1 : 3,
      );
    },
  );

  await t.step(
    `${PROCESSES} processes that find an expired token send one refresh`,
    async () => {
      await using user = at(fleet);
      await user.login();
      user.age("expired");
      const results = await runFleet({
        env: { ...cleanEnv(user.path), ...user.env },
        cwd: user.path,
      }, { processes: PROCESSES, barrier: true });
      const { access_token: { token } } = user.tokens();
      assert.deepEqual(
        results.map(({ code, stdout }) => [code, stdout]),
        results.map(() => [0, `${token}\n`]),
        results.map(({ stderr }) => stderr).join(""),
      );
      assert.deepEqual(await of(fleet), { refreshed: 1, live: 1 });
      assert.ok(await server.accepts(token));
    },
  );

  await t.step(
    "refresh ends with 3 when another program has used the refresh token, and the server has recorded the reuse",
    async () => {
      await using user = at(stolen);
      const { refresh_token } = await user.login();
      assert.equal(await present(server, stolen, refresh_token.token), 200);
      assert.deepEqual(await of(stolen), { refreshed: 1, live: 1 });
      const before = await server.rejected();
      const { code, stderr } = await user.run("refresh");
      if (kind.reuse === "same token") {
        assert.equal(code, 0, stderr);
        assert.deepEqual(await of(stolen), { refreshed: 2, live: 1 });
        return;
      }
      assert.equal(code, 3, stderr);
      assert.match(stderr, /^hint: log in again: .* login/m);
      assert.equal(await server.rejected(), before + 1);
      assert.deepEqual(await of(stolen), {
        refreshed: 1,
        live: kind.reuse === "login ended" ? 0 : 1,
      });
    },
  );

  await t.step(
    "token ends with 3 when an administrator has ended the login, once the access token expires",
    async () => {
      await using user = at(ended);
      await user.login();
      await server.endLogins(ended);
      assert.deepEqual(await of(ended), { refreshed: 0, live: 0 });
      const before = await server.rejected();
      user.age("expired");
      for (const command of ["token", "status"]) {
        const { code, stdout, stderr } = await user.run(command);
        assert.equal(code, 3, `${command}: ${stdout}${stderr}`);
        assert.equal(await server.rejected(), before + 1, command);
      }
      await user.login();
      const { code, stdout } = await user.run("token");
      assert.equal(code, 0);
      assert.ok(await server.accepts(stdout.trimEnd()));
    },
  );

  await t.step(
    "logout ends the login at the server where that can be, and says so where not",
    async () => {
      await using user = at(out);
      await user.login();
      const { code, stderr } = await user.run("logout");
      assert.equal(code, 0, stderr);
      assert.deepEqual(await of(out), {
        refreshed: 0,
        live: kind.revokes ? 0 : 1,
      });
      if (!kind.revokes) assert.match(stderr, /cannot revoke/);
      assert.equal((await user.run("token")).code, 3);
    },
  );

  await t.step(
    "a wrong secret ends with 2 after three requests at most",
    async () => {
      const before = await server.rejected();
      await using user = at({ ...wrong, secret: "not-the:secret" });
      await assert.rejects(user.login(), /login ended with 2/);
      const requests = await server.rejected() - before;
      assert.ok(requests >= 1 && requests <= 3, `${requests} requests`);
    },
  );

  for (const client of special) {
    await t.step(`login and refresh work with ${client.what}`, async () => {
      await using user = at(client);
      await user.login();
      const { code, stderr } = await user.run("refresh");
      assert.equal(code, 0, stderr);
      assert.deepEqual(await of(client), { refreshed: 1, live: 1 });
    });
  }
}

/** Presents a refresh token as another program of the same client would, with the secret in the body. */
async function present(
  { tokenEndpoint }: RealServer,
  { id, secret }: Client,
  refreshToken: string,
): Promise<number> {
  const response = await fetch(tokenEndpoint, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
    }),
  });
  await response.body?.cancel();
  return response.status;
}
