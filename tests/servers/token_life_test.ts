/** How long access tokens live: calls, refreshes and exit codes, as one table. */
import assert from "node:assert/strict";
import { cleanEnv } from "../interop/command.ts";
import { runFleet } from "../processes/fleet.ts";
import { reservePort } from "../support.ts";
import { type Home, userOf } from "./home.ts";
import { type Life, startNodeOauth } from "./node_oauth.ts";
import type { RealServer } from "./real_server.ts";

const YEAR = 365 * 86_400;
const CLIENT = { id: "app", secret: "secret" };

/** A call, in a row of the table. */
interface Call {
  /** The command. */
  readonly call: string;
  /** How old the access token is by then, in seconds. */
  readonly age: number;
  /** Whether the server has ended the login before. */
  readonly ended?: true;
  /** How many refreshes the server records. */
  readonly refreshes: 0 | 1;
  /** The exit code. */
  readonly code: 0 | 3;
}

/** What happens with tokens of each life. Ages keep clear of the edges by what a slow start takes. */
const TABLE: readonly (readonly [Life, readonly Call[]])[] = [
  [60, [
    { call: "token", age: 0, refreshes: 0, code: 0 },
    { call: "token", age: 45, refreshes: 0, code: 0 },
    // A tenth of its life must be left.
    { call: "token", age: 57, refreshes: 1, code: 0 },
    { call: "token --min-valid 30s", age: 45, refreshes: 1, code: 0 },
    { call: "token", age: 61, refreshes: 1, code: 0 },
    { call: "token", age: 61, ended: true, refreshes: 0, code: 3 },
  ]],
  [6, [
    { call: "token", age: 0, refreshes: 0, code: 0 },
    { call: "token", age: 7, refreshes: 1, code: 0 },
    { call: "token", age: 7, ended: true, refreshes: 0, code: 3 },
  ]],
  ["for ever", [
    { call: "token", age: 0, refreshes: 0, code: 0 },
    { call: "token", age: YEAR, refreshes: 0, code: 0 },
    { call: "refresh", age: YEAR, refreshes: 1, code: 0 },
    // What is in the cache may still be good: only the API can tell.
    { call: "token", age: YEAR, ended: true, refreshes: 0, code: 0 },
    { call: "refresh", age: YEAR, ended: true, refreshes: 0, code: 3 },
  ]],
  ["unknown", [
    { call: "token", age: 0, refreshes: 0, code: 0 },
    { call: "token", age: YEAR, refreshes: 0, code: 0 },
    { call: "refresh", age: YEAR, refreshes: 1, code: 0 },
    { call: "token", age: YEAR, ended: true, refreshes: 0, code: 0 },
    { call: "refresh", age: YEAR, ended: true, refreshes: 0, code: 3 },
  ]],
];

/** Runs a test with a user who has logged in at a server whose tokens live so long. */
async function withUser(
  accessTokenLife: Life,
  test: (user: Home, server: RealServer) => Promise<void>,
): Promise<void> {
  using port = reservePort();
  const callbackUrl = `http://127.0.0.1:${port.port}/cb`;
  await using server = await startNodeOauth({
    clients: [CLIENT],
    callbackUrl,
    accessTokenLife,
  });
  await using user = userOf({ form: "html" }, server, CLIENT, callbackUrl);
  await user.login();
  await test(user, server);
}

const said = (life: Life) =>
  typeof life === "number"
    ? `that live ${life} s`
    : life === "unknown"
    ? "whose life the server does not state"
    : "that live for ever";

for (const [life, calls] of TABLE) {
  Deno.test(`tdauth token and refresh with tokens ${said(life)}: refreshes and exit codes are those of the table`, async () => {
    await withUser(life, async (user, server) => {
      const seen: unknown[] = [];
      for (const { call, age, ended } of calls) {
        if (ended) await server.endLogins(CLIENT);
        user.age(age);
        const before = await server.records(CLIENT);
        const { code } = await user.run(...call.split(" "));
        const { refreshed } = await server.records(CLIENT);
        seen.push({
          call,
          age,
          ...(ended && { ended }),
          refreshes: refreshed - before.refreshed,
          code,
        });
      }
      assert.deepEqual(seen, calls);
    });
  });
}

for (const life of [60, 6]) {
  Deno.test(`tdauth token and authorize() in 6 processes send one refresh for tokens ${said(life)}`, async () => {
    await withUser(life, async (user, server) => {
      user.age(life + 1);
      const results = await runFleet({
        env: { ...cleanEnv(user.path), ...user.env },
        cwd: user.path,
      }, { processes: 6, barrier: true });
      const { refreshed } = await server.records(CLIENT);
      assert.equal(refreshed, 1);
      const { access_token: { token } } = user.tokens();
      assert.equal(
        results.filter(({ code, stdout }) =>
          code !== 0 || stdout !== `${token}\n`
        ).length,
        0,
        "each process has the one new token",
      );
    });
  });
}
