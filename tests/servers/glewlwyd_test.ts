import assert from "node:assert/strict";
import { AccessToken, discover, MemCache, RefreshToken } from "@tdauth/tdauth";
import { refresh } from "../../src/client/refresh.ts";
import { deviceLogin } from "../../src/login/device_login.ts";
import { failsWith, reservePort } from "../support.ts";
import { tokensIn } from "../tokens_in.ts";
import { GLEWLWYD, startGlewlwyd } from "./glewlwyd.ts";
import { userOf } from "./home.ts";
import { allowDeviceAtGlewlwyd } from "./log_in.ts";
import { testServer } from "./suite.ts";

testServer(GLEWLWYD);

const LIFE = 3600;
/** Its secret is another one in a Basic header that is percent-encoded, as this server does not decode it. */
const CLIENT = { id: "app", secret: "s+cret" };

/** A test that is ignored without the server. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: GLEWLWYD.present
      ? name
      : `${name} (ignored: there is no ${GLEWLWYD.name} on this machine)`,
    ignore: !GLEWLWYD.present,
    fn,
  });
}

test("refresh() sends glewlwyd one request when it rejects the client, for it has used the refresh token up by then", async () => {
  using port = reservePort();
  const callbackUrl = `http://127.0.0.1:${port.port}/cb`;
  const app = { consumerKey: CLIENT.id, consumerSecret: CLIENT.secret };
  await using server = await startGlewlwyd({
    clients: [CLIENT],
    callbackUrl,
    accessTokenLife: LIFE,
  });
  await using user = userOf(GLEWLWYD, server, CLIENT, callbackUrl);
  const { refresh_token: { token } } = await user.login();
  const provider = await discover(server.settings["TD_PROVIDER"] ?? "");
  // As from a file of another program: how the client authenticates is not known.
  const cache = tokensIn(new MemCache());
  await cache.save({
    accessToken: new AccessToken(),
    refreshToken: new RefreshToken({ token, expiresIn: LIFE }),
  }, "login");
  const answers: string[] = [];
  const run = () =>
    refresh({
      cache,
      provider: { id: provider.id, get: () => Promise.resolve(provider) },
      app,
      isAcceptable: () => false,
      log: () => {},
      now: Date.now,
      fetch: async (...given) => {
        const response = await fetch(...given);
        answers.push(`${response.status} ${await response.clone().text()}`);
        return response;
      },
    });
  await failsWith("login_needed", run());
  assert.deepEqual(answers, ["400 "]);
  // The server has replaced the token, and no process has the new one.
  assert.deepEqual(await server.records(CLIENT), { refreshed: 1, live: 1 });
  await failsWith("login_needed", run());
  assert.equal(answers.length, 1);
});

test("deviceLogin() polls more slowly whenever glewlwyd says so, and gets its tokens", async () => {
  using port = reservePort();
  await using server = await startGlewlwyd({
    clients: [CLIENT],
    callbackUrl: `http://127.0.0.1:${port.port}/cb`,
    accessTokenLife: LIFE,
    pollInterval: 60,
  });
  const provider = await discover(server.settings["TD_PROVIDER"] ?? "", {
    scope: "openid",
  });
  let page = "";
  const pauses: number[] = [];
  const answers: string[] = [];
  const tokens = await deviceLogin({
    provider,
    app: { consumerKey: CLIENT.id, consumerSecret: CLIENT.secret },
    loginTimeout: 600,
    store: () => Promise.resolve(),
    log: () => {},
    onEvent: (event) => {
      if (event.type === "device") page = event.verificationUriComplete ?? "";
    },
    now: Date.now,
    fetch: async (...given) => {
      const response = await fetch(...given);
      const { error = "good" } = await response.clone().json();
      answers.push(error);
      return response;
    },
    // A client whose clock runs so fast that the server must slow it down.
    sleep: async (milliseconds) => {
      pauses.push(milliseconds / 1000);
      if (pauses.length < 4) return;
      const { searchParams } = await allowDeviceAtGlewlwyd(page);
      assert.equal(searchParams.get("prompt"), "deviceComplete");
    },
    after: () => () => {},
  });
  assert.deepEqual(answers, [
    // Its word for a secret that is encoded and should not be.
    "unauthorized_client",
    "good",
    "authorization_pending",
    "slow_down",
    "slow_down",
    "good",
  ]);
  assert.deepEqual(pauses, [60, 60, 65, 70]);
  assert.ok(await server.accepts(String(tokens?.accessToken)));
});
